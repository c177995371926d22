// Package deadletters looks at the dead letters in the dead-letter queue, and sends back or purges those that are chosen.
// Looking at a dead letter takes it out of sight for a while: a Box knows which dead letters are out, keeps them so while the
// command works, and puts them back when it ends.
package deadletters

import (
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/ops/internal/sqsbatch"
	"helpcrunch-mark-read/shared/mark"
)

// NoOutcome stands for the outcome of a dead letter that SQS moved by itself, after so many receives that no function decided.
const NoOutcome = "none"

// ours are the attributes that functions/queue adds to say why a dead letter is dead; all others are the original's.
var ours = []string{"Outcome", "ErrorCode", "ErrorMessage", "HttpStatus", "Source"}

// DeadLetter is one message of the dead-letter queue.
type DeadLetter struct {
	ID             string // its own message id; the original's is in Source
	Group          string // message group; empty on a standard queue
	DeadLetteredAt time.Time
	Body           string
	Attributes     map[string]types.MessageAttributeValue // ours among them

	Outcome string // NoOutcome when the dead letter does not say
	Codes   []string
	Message string
	Status  string
	Source  Source

	Mark  mark.Mark // zero when Fault is set
	Fault error     // why the body is invalid

	number  int // in the order of arrival, which on a FIFO queue is the old order of a group
	receipt string
}

// Source says where a dead letter came from; it is empty where SQS moved the message itself.
type Source struct {
	MessageID    string    `json:"messageId"`
	SentAt       time.Time `json:"sentAt,omitzero"`
	ReceiveCount int       `json:"receiveCount"`
	RequestID    string    `json:"requestId"` // of the invocation that gave up, as the logs have it
}

// read makes a DeadLetter of what SQS delivered. Foreign text is kept as it is: whoever shows it must escape it.
func read(m types.Message) *DeadLetter {
	l := &DeadLetter{
		ID:             aws.ToString(m.MessageId),
		Group:          m.Attributes[string(types.MessageSystemAttributeNameMessageGroupId)],
		DeadLetteredAt: milliseconds(m.Attributes[string(types.MessageSystemAttributeNameSentTimestamp)]),
		Body:           aws.ToString(m.Body),
		Attributes:     m.MessageAttributes,
		Outcome:        text(m, "Outcome"),
		Message:        text(m, "ErrorMessage"),
		Status:         text(m, "HttpStatus"),
		receipt:        aws.ToString(m.ReceiptHandle),
	}
	if l.Outcome == "" {
		l.Outcome = NoOutcome
	}
	if codes := text(m, "ErrorCode"); codes != "" {
		l.Codes = strings.Split(codes, ",")
	}
	_ = json.Unmarshal([]byte(text(m, "Source")), &l.Source) // a source that can't be read is an unknown one
	l.Mark, l.Fault = mark.ReadMessage([]byte(l.Body))
	return l
}

func text(m types.Message, name string) string {
	return aws.ToString(m.MessageAttributes[name].StringValue)
}

func milliseconds(s string) time.Time {
	ms, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// Sent is when the mark was first put on the queue, as far as the dead letter knows.
func (l *DeadLetter) Sent() time.Time {
	if !l.Source.SentAt.IsZero() {
		return l.Source.SentAt
	}
	return l.DeadLetteredAt
}

// Originals are the attributes that the mark came with.
func (l *DeadLetter) Originals() map[string]types.MessageAttributeValue {
	originals := make(map[string]types.MessageAttributeValue, len(l.Attributes))
	for name, value := range l.Attributes {
		if !slices.Contains(ours, name) {
			originals[name] = value
		}
	}
	return originals
}

// bytes is about what the dead letter takes in memory.
func (l *DeadLetter) bytes() int { return sqsbatch.Bytes(l.Body, l.Attributes) + 1<<10 }
