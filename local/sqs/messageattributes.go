package sqs

import (
	"crypto/md5"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// maxAttributes is how many attributes a message can carry.
const maxAttributes = 10

// attributeValue is a message attribute as it is sent: a missing value is not an empty one.
type attributeValue struct {
	DataType    string
	StringValue *string
	BinaryValue []byte
}

func plainAttributes(in map[string]attributeValue) map[string]Attribute {
	out := make(map[string]Attribute, len(in))
	for name, a := range in {
		out[name] = Attribute{DataType: a.DataType, StringValue: text(a.StringValue), BinaryValue: a.BinaryValue}
	}
	return out
}

// AWS documents ASCII letters, and takes those of every script.
var attributeName = regexp.MustCompile(`^[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)*$`)

// number is what SQS takes as a Number: digits, a point, an exponent.
var number = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$`)

func checkAttributes(attributes map[string]attributeValue) error {
	if len(attributes) > maxAttributes {
		return invalidParameter("Number of message attributes [%d] exceeds the allowed maximum [%d].", len(attributes), maxAttributes)
	}
	for name, a := range attributes {
		if err := checkAttributeName(name); err != nil {
			return err
		}
		if err := a.check(name); err != nil {
			return err
		}
	}
	return nil
}

func checkAttributeName(name string) error {
	lower := strings.ToLower(name)
	switch {
	case len(name) > 256:
		return invalidParameter("Message (user) attribute names must be shorter than 256 Bytes")
	case strings.HasPrefix(lower, "aws.") || strings.HasPrefix(lower, "amazon."):
		return invalidParameter("You cannot use message attribute names beginning with 'AWS.' or 'Amazon.'")
	case !attributeName.MatchString(name):
		return invalidParameter("Message (user) attributes name can only contain upper and lower score characters, digits, periods, hyphens and underscores. The name must not start or end with a period, and it should not have successive periods.")
	}
	return nil
}

// check holds the rules for a value: a type of the three kinds, and exactly the value of that kind.
func (a attributeValue) check(name string) error {
	kind, suffix, custom := strings.Cut(a.DataType, ".")
	switch {
	case a.DataType == "":
		return invalidParameter("Message (user) attribute '%s' must contain a non-empty attribute type.", name)
	case len(a.DataType) > 256 || custom && suffix == "" || kind != "String" && kind != "Number" && kind != "Binary":
		return invalidParameter("The message attribute '%s' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.", name)
	case kind == "Binary" && len(a.BinaryValue) == 0, kind != "Binary" && text(a.StringValue) == "":
		return invalidParameter("Message (user) attribute '%s' must contain a non-empty value of type '%s'.", name, kind)
	case kind == "Binary" && a.StringValue != nil, kind != "Binary" && a.BinaryValue != nil:
		return invalidParameter("Message (user) attribute '%s' has a value that does not match its type '%s'.", name, a.DataType)
	case kind == "Number" && !number.MatchString(*a.StringValue):
		return invalidParameter("Can't cast the value of message (user) attribute '%s' to a number.", name)
	case kind != "Binary" && !allowed(*a.StringValue):
		return invalidParameter("Invalid characters found in the value of message (user) attribute '%s'.", name)
	}
	return nil
}

// checkSystemAttributes allows the only one that senders may set.
func checkSystemAttributes(attributes map[string]attributeValue) error {
	for name, a := range attributes {
		if name != "AWSTraceHeader" || a.DataType != "String" || text(a.StringValue) == "" {
			return invalidParameter("Message system attribute name '%s' is invalid.", name)
		}
	}
	return nil
}

// matching returns the attributes that a receive asked for: All or .* for all, prefix.* or a name.
func matching(attributes map[string]Attribute, wanted []string) map[string]Attribute {
	out := map[string]Attribute{}
	for name, a := range attributes {
		if wantedName(name, wanted) {
			out[name] = a
		}
	}
	return out
}

func wantedName(name string, wanted []string) bool {
	for _, want := range wanted {
		prefix, open := strings.CutSuffix(want, ".*")
		if want == "All" || want == name || open && strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return false
}

func bodyMD5(body string) string {
	sum := md5.Sum([]byte(body))
	return hex.EncodeToString(sum[:])
}

// attributesMD5 is the digest that SQS documents: by name, each of name, type and value behind its
// length, the value also behind a byte for text (1) or binary (2). Empty for no attributes.
func attributesMD5(attributes map[string]Attribute) string {
	if len(attributes) == 0 {
		return ""
	}
	h := md5.New()
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		a := attributes[name]
		writeSized(h, name)
		writeSized(h, a.DataType)
		if strings.HasPrefix(a.DataType, "Binary") {
			h.Write([]byte{2})
			writeSized(h, string(a.BinaryValue))
			continue
		}
		h.Write([]byte{1})
		writeSized(h, a.StringValue)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func writeSized(h hash.Hash, s string) {
	h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(s))))
	h.Write([]byte(s))
}
