// Package deadletter is the format of a dead letter: the attributes that functions/queue adds to a message to say why it
// was dead-lettered. They are written and read here only.
package deadletter

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// SQS's limits on one message: its attributes, and the bytes of its body and attributes together.
const (
	MaxAttributes = 10
	MaxBytes      = 1 << 20
)

// maxMessage is the most bytes of ErrorMessage.
const maxMessage = 1 << 10

// names are the reason's attributes, the most important first: where not all fit, the last go first. The names are
// reserved: an original attribute of the same name is an earlier dead letter's, and only the latest reason counts.
var names = []string{"Outcome", "ErrorCode", "ErrorMessage", "HttpStatus", "Source"}

// Reason says why a message was dead-lettered.
type Reason struct {
	Outcome string   // a row of the outcome table
	Codes   []string // HelpCrunch's error codes
	Message string   // for the operator; cut to 1 KiB
	Status  int      // HelpCrunch's HTTP status; 0 when it did not answer
	Source  Source
}

// Source says where a dead letter came from, so that it can be found in the logs and two copies can be recognized.
type Source struct {
	MessageID    string    `json:"messageId"`
	SentAt       time.Time `json:"sentAt,omitzero"` // of the original message
	ReceiveCount int       `json:"receiveCount"`
	RequestID    string    `json:"requestId"`         // of the invocation that wrote the dead letter
	TraceID      string    `json:"traceId,omitempty"` // the X-Ray trace header, where there was one
}

// Attributes returns a dead letter's attributes, the originals and as much of the reason as SQS's limits leave room for,
// and the bytes that SQS will count for the message with a body of bodyBytes. Originals are never dropped, except those
// with reserved names. Characters that SQS refuses are replaced by U+FFFD.
func (r Reason) Attributes(originals map[string]types.MessageAttributeValue, bodyBytes int) (attributes map[string]types.MessageAttributeValue, bytes int) {
	attributes = Originals(originals)
	bytes = bodyBytes
	for name, value := range attributes {
		bytes += size(name, value)
	}
	for i, value := range r.values() {
		added := size(names[i], value)
		if *value.StringValue != "" && len(attributes) < MaxAttributes && bytes+added <= MaxBytes { // SQS takes no empty value
			attributes[names[i]] = value
			bytes += added
		}
	}
	return attributes, bytes
}

// values returns the attributes' values in the order of names.
func (r Reason) values() []types.MessageAttributeValue {
	status := ""
	if r.Status != 0 {
		status = strconv.Itoa(r.Status)
	}
	r.Source.SentAt = r.Source.SentAt.UTC()
	source, _ := json.Marshal(r.Source) // a time in UTC, strings and a number can always be marshalled
	return []types.MessageAttributeValue{
		attribute("String", r.Outcome),
		attribute("String", strings.Join(r.Codes, ",")),
		attribute("String", cut(sanitize(r.Message), maxMessage)),
		attribute("Number", status),
		attribute("String", string(source)),
	}
}

func attribute(dataType, value string) types.MessageAttributeValue {
	return types.MessageAttributeValue{DataType: aws.String(dataType), StringValue: aws.String(sanitize(value))}
}

func size(name string, v types.MessageAttributeValue) int {
	return len(name) + len(aws.ToString(v.DataType)) + len(aws.ToString(v.StringValue)) + len(v.BinaryValue)
}

// Read returns the reason that a dead letter's attributes state. The Outcome is empty on a message without one; a Source
// that cannot be parsed is an empty one. The values are foreign text: escape them before showing them.
func Read(attributes map[string]types.MessageAttributeValue) Reason {
	text := func(name string) string { return aws.ToString(attributes[name].StringValue) }
	r := Reason{Outcome: text("Outcome"), Message: text("ErrorMessage")}
	if codes := text("ErrorCode"); codes != "" {
		r.Codes = strings.Split(codes, ",")
	}
	r.Status, _ = strconv.Atoi(text("HttpStatus")) // 0 where there is none
	if json.Unmarshal([]byte(text("Source")), &r.Source) != nil {
		r.Source = Source{}
	}
	return r
}

// Originals returns a copy of a message's attributes without those of a reason.
func Originals(attributes map[string]types.MessageAttributeValue) map[string]types.MessageAttributeValue {
	originals := make(map[string]types.MessageAttributeValue, MaxAttributes)
	maps.Copy(originals, attributes)
	maps.DeleteFunc(originals, func(name string, _ types.MessageAttributeValue) bool { return slices.Contains(names, name) })
	return originals
}

// sanitize replaces the characters that SQS refuses.
func sanitize(s string) string {
	return strings.Map(func(c rune) rune {
		switch {
		case c == '\t', c == '\n', c == '\r', c >= ' ' && c <= 0xd7ff, c >= 0xe000 && c <= 0xfffd, c >= 0x10000:
			return c
		}
		return utf8.RuneError
	}, s)
}

// cut shortens s to so many bytes without breaking a character.
func cut(s string, bytes int) string {
	if len(s) <= bytes {
		return s
	}
	for !utf8.RuneStart(s[bytes]) {
		bytes--
	}
	return s[:bytes]
}
