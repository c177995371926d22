package queue

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/shared/telemetry"
)

// SQS's limits on a message: ten attributes, and 1 MiB for the body and all attributes together.
const (
	maxAttributes   = 10
	maxMessageBytes = 1 << 20
	maxErrorMessage = 1 << 10
)

// ours are the attributes that say why a letter is dead, in the order in which they are fitted in.
// The names are taken: an original of the same name is an earlier death's, and the last reason counts.
var ours = []string{"Outcome", "ErrorCode", "ErrorMessage", "HttpStatus", "Source"}

// letter is one message for the dead-letter queue.
type letter struct {
	id    string // the original message's
	bytes int    // what SQS counts against its limit
	entry types.SendMessageBatchRequestEntry
}

// source says where a letter came from, so that it can be found in the logs and told from another.
type source struct {
	MessageID    string `json:"messageId"`
	SentAt       string `json:"sentAt,omitempty"` // RFC 3339, UTC
	ReceiveCount int    `json:"receiveCount"`
	RequestID    string `json:"requestId"` // of the invocation that gave up
}

// letter makes the dead letter of one of a job's records: the body unchanged, the original attributes kept, and ours as
// far as they fit.
func (h *Handler) letter(ctx context.Context, j *job, record *events.SQSMessage) letter {
	attributes, size := originals(record)
	size += len(record.Body)
	values := reasons(ctx, j, record)
	for i, name := range ours {
		if values[i] == "" || len(attributes) == maxAttributes {
			continue
		}
		value := attribute("String", values[i])
		if name == "HttpStatus" {
			value = attribute("Number", values[i])
		}
		if bytes := attributeBytes(name, value); size+bytes <= maxMessageBytes {
			attributes[name] = value
			size += bytes
		}
	}
	entry := types.SendMessageBatchRequestEntry{MessageBody: aws.String(record.Body), MessageAttributes: attributes}
	if strings.HasSuffix(h.DeadLetterURL, ".fifo") {
		entry.MessageGroupId = aws.String(group(j, record))
		entry.MessageDeduplicationId = aws.String(record.MessageId)
	}
	return letter{id: record.MessageId, bytes: size, entry: entry}
}

// reasons are the values of our attributes, in the order of ours; an empty one is left out, because SQS takes no empty value.
func reasons(ctx context.Context, j *job, record *events.SQSMessage) []string {
	v := j.result.Verdict
	status := ""
	if v.Status != 0 {
		status = strconv.Itoa(v.Status)
	}
	from := source{MessageID: record.MessageId, ReceiveCount: receiveCount(record), RequestID: telemetry.RequestID(ctx)}
	if sent := sentAt(record); !sent.IsZero() {
		from.SentAt = sent.UTC().Format(time.RFC3339Nano)
	}
	sourceJSON, _ := json.Marshal(from) // strings and a number can always be marshalled
	message := strings.Join(append([]string{v.Reason}, v.Messages...), ": ")
	return []string{
		string(v.Outcome),
		allowed(strings.Join(v.Codes, ",")),
		cut(allowed(message), maxErrorMessage),
		status,
		allowed(string(sourceJSON)),
	}
}

// originals are the attributes that the message came with, less those whose names are ours.
func originals(record *events.SQSMessage) (map[string]types.MessageAttributeValue, int) {
	attributes := make(map[string]types.MessageAttributeValue, maxAttributes)
	size := 0
	for name, original := range record.MessageAttributes {
		if slices.Contains(ours, name) {
			continue
		}
		value := types.MessageAttributeValue{DataType: aws.String(original.DataType), StringValue: original.StringValue}
		if original.StringValue == nil {
			value.BinaryValue = original.BinaryValue
		}
		attributes[name] = value
		size += attributeBytes(name, value)
	}
	return attributes, size
}

func attribute(dataType, value string) types.MessageAttributeValue {
	return types.MessageAttributeValue{DataType: aws.String(dataType), StringValue: aws.String(value)}
}

func attributeBytes(name string, v types.MessageAttributeValue) int {
	return len(name) + len(aws.ToString(v.DataType)) + len(aws.ToString(v.StringValue)) + len(v.BinaryValue)
}

// group is the letter's message group: the original's. A record that does not say its group gets its chat's, or its own.
func group(j *job, record *events.SQSMessage) string {
	if group := record.Attributes["MessageGroupId"]; group != "" {
		return group
	}
	if j.wish.ID != 0 {
		return strconv.FormatInt(j.wish.ID, 10)
	}
	return record.MessageId
}

// allowed replaces the characters that SQS refuses.
func allowed(s string) string {
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
