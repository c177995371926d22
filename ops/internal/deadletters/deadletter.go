// Package deadletters looks at the messages in the dead-letter queue, and sends back or purges those that are chosen.
// Looking at one takes it out of sight for a while: a Box knows which are out, keeps them so while the command works, and
// puts them back when it ends.
package deadletters

import (
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/ops/internal/sqsbatch"
	"helpcrunch-mark-read/shared/deadletter"
	"helpcrunch-mark-read/shared/mark"
)

// These stand for the outcome where a dead letter has none.
const (
	NoOutcome = "none"    // SQS moved the message by itself, after so many receives that no function decided
	NoRoom    = "no_room" // the message's own attributes left no room for a reason
)

// DeadLetter is one message of the dead-letter queue.
type DeadLetter struct {
	ID             string    // its own message id; the original's is in Source
	Group          string    // message group; empty on a standard queue
	DeadLetteredAt time.Time // when it was sent to this queue; what SQS itself moves on a standard queue keeps the time of its first sending
	Body           string
	Attributes     map[string]types.MessageAttributeValue // the reason's among them

	deadletter.Reason // Outcome is never empty, but can be NoOutcome or NoRoom
	MovedBySQS        bool

	Mark  mark.Mark // zero when Fault is set
	Fault error     // why the body is invalid

	number int // in the order of arrival, which on a FIFO queue is the old order of a group
}

// read makes a DeadLetter of what SQS delivered. Foreign text is kept as it is: escape it before showing it.
func read(m types.Message) *DeadLetter {
	l := &DeadLetter{
		ID:             aws.ToString(m.MessageId),
		Group:          m.Attributes[string(types.MessageSystemAttributeNameMessageGroupId)],
		DeadLetteredAt: milliseconds(m.Attributes[string(types.MessageSystemAttributeNameSentTimestamp)]),
		Body:           aws.ToString(m.Body),
		Attributes:     m.MessageAttributes,
		// SQS sets this on what it moves, and on nothing else.
		MovedBySQS: m.Attributes[string(types.MessageSystemAttributeNameDeadLetterQueueSourceArn)] != "",
	}
	if !l.MovedBySQS { // an attribute called Outcome is the sender's own then
		l.Reason = deadletter.Read(m.MessageAttributes)
	}
	if l.Outcome == "" {
		l.Outcome = l.withoutOutcome()
	}
	l.Mark, l.Fault = mark.ReadMessage([]byte(l.Body))
	return l
}

// withoutOutcome says why there is no outcome. One is written wherever SQS's limits leave room for it.
func (l *DeadLetter) withoutOutcome() string {
	const outcome = len("Outcome") + len("String") + len("unexpected")
	full := len(l.Attributes) >= deadletter.MaxAttributes || sqsbatch.Bytes(l.Body, l.Attributes)+outcome > deadletter.MaxBytes
	if full && !l.MovedBySQS {
		return NoRoom
	}
	return NoOutcome
}

func milliseconds(s string) time.Time {
	ms, err := strconv.ParseInt(s, 10, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMilli(ms).UTC()
}

// Sent is when this copy of the mark was put on the queue, as far as the dead letter knows; a redrive starts it anew.
func (l *DeadLetter) Sent() time.Time {
	if !l.Source.SentAt.IsZero() {
		return l.Source.SentAt
	}
	return l.DeadLetteredAt
}

// Originals are the attributes that the mark came with.
func (l *DeadLetter) Originals() map[string]types.MessageAttributeValue {
	if l.MovedBySQS {
		return l.Attributes
	}
	return deadletter.Originals(l.Attributes)
}

// Filter chooses dead letters. An empty field matches everything; a list matches if one element does.
type Filter struct {
	Outcomes []string
	Codes    []string // of HelpCrunch's
	Chats    []int64
	After    time.Time // dead-lettered at this time or later
	Before   time.Time // dead-lettered before it
	IDs      []string  // of the dead letter, or of the message it was
}

// Match says whether the filter chooses the dead letter.
func (f Filter) Match(l *DeadLetter) bool {
	switch {
	case len(f.Outcomes) > 0 && !slices.Contains(f.Outcomes, l.Outcome),
		len(f.Codes) > 0 && !slices.ContainsFunc(f.Codes, func(c string) bool { return slices.Contains(l.Codes, c) }),
		len(f.Chats) > 0 && !slices.ContainsFunc(f.Chats, l.isOf),
		len(f.IDs) > 0 && !slices.Contains(f.IDs, l.ID) && !slices.Contains(f.IDs, l.Source.MessageID),
		!f.After.IsZero() && l.DeadLetteredAt.Before(f.After),
		!f.Before.IsZero() && !l.DeadLetteredAt.Before(f.Before):
		return false
	}
	return true
}

// isOf says whether the dead letter is a chat's. An invalid body does not say; then the group does, which is the chat's id.
func (l *DeadLetter) isOf(chat int64) bool {
	if l.Fault != nil {
		return l.Group == strconv.FormatInt(chat, 10)
	}
	return l.Mark.ID == chat
}
