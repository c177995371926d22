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

// AWS documents ASCII letters, and takes those of every script.
var attributeName = regexp.MustCompile(`^[\p{L}\p{N}_-]+(\.[\p{L}\p{N}_-]+)*$`)

// number is what SQS takes as a Number: digits, a point, an exponent.
var number = regexp.MustCompile(`^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$`)

func checkAttributes(attributes map[string]Attribute) error {
	if len(attributes) > maxAttributes {
		return invalidParameter("Number of message attributes [%d] exceeds the allowed maximum [%d].", len(attributes), maxAttributes)
	}
	for name, a := range attributes {
		lower := strings.ToLower(name)
		if len(name) > 256 || strings.HasPrefix(lower, "aws.") || strings.HasPrefix(lower, "amazon.") || !attributeName.MatchString(name) {
			return invalidParameter("Message (user) attributes name can only contain upper and lower score characters, digits, periods, hyphens and underscores, and must be shorter than 256 Bytes. The name must not start or end with a period, it should not have successive periods, and must not begin with 'AWS.' or 'Amazon.'.")
		}
		if err := a.check(name); err != nil {
			return err
		}
	}
	return nil
}

// check holds the rules for a value: a type of the three kinds, and exactly the value of that kind.
func (a Attribute) check(name string) error {
	kind, suffix, custom := strings.Cut(a.DataType, ".")
	text, bytes := len(a.StringValue) > 0, len(a.BinaryValue) > 0
	switch {
	case len(a.DataType) > 256 || custom && suffix == "" || kind != "String" && kind != "Number" && kind != "Binary":
		return invalidParameter("The message attribute '%s' has an invalid message attribute type, the set of supported type prefixes is Binary, Number, and String.", name)
	case bytes != (kind == "Binary") || text == bytes:
		return invalidParameter("Message (user) attribute '%s' must contain a non-empty value of type '%s'.", name, kind)
	case kind == "Number" && !number.MatchString(a.StringValue):
		return invalidParameter("Can't cast the value of message (user) attribute '%s' to a number.", name)
	case !allowed(a.StringValue):
		return invalidParameter("Invalid characters found in the value of message (user) attribute '%s'.", name)
	}
	return nil
}

// matching returns the attributes that a receive asked for: All or .* for all, prefix.* or a name.
func matching(attributes map[string]Attribute, wanted []string) map[string]Attribute {
	out := maps.Clone(attributes)
	maps.DeleteFunc(out, func(name string, _ Attribute) bool {
		return !slices.ContainsFunc(wanted, func(want string) bool {
			prefix, open := strings.CutSuffix(want, ".*")
			return want == "All" || want == name || open && strings.HasPrefix(name, prefix)
		})
	})
	return out
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
		kind, value := byte(1), []byte(a.StringValue)
		if strings.HasPrefix(a.DataType, "Binary") {
			kind, value = 2, a.BinaryValue
		}
		writeSized(h, []byte(name))
		writeSized(h, []byte(a.DataType))
		h.Write([]byte{kind})
		writeSized(h, value)
	}
	return hex.EncodeToString(h.Sum(nil))
}

func writeSized(h hash.Hash, value []byte) {
	h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(value))))
	h.Write(value)
}
