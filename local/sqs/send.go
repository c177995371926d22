package sqs

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"time"
	"unicode/utf8"

	"helpcrunch-mark-read/local/awsjson"
)

// maxMessage is SQS's limit in bytes, with attributes, for one message and for a whole batch.
const maxMessage = 1 << 20

// sendEntry is one message to send, alone or in a batch.
type sendEntry struct {
	batchID
	MessageBody             string
	DelaySeconds            int
	MessageAttributes       map[string]Attribute
	MessageSystemAttributes map[string]Attribute
	MessageGroupId          *string
	MessageDeduplicationId  *string
}

type sendAnswer struct {
	batchID
	MessageId                    string
	MD5OfMessageBody             string
	MD5OfMessageAttributes       string `json:",omitempty"`
	MD5OfMessageSystemAttributes string `json:",omitempty"`
	SequenceNumber               string `json:",omitempty"`
}

// send checks one message and puts it into the queue, unless it is a duplicate. A trace header that the sender does not give
// is the request's own, which SDKs inside Lambda send.
func (s *Server) send(r *http.Request, q *queue, in sendEntry) (any, error) {
	if err := q.check(in); err != nil {
		return nil, err
	}
	now := time.Now()
	m := &message{
		Message: Message{
			ID: awsjson.NewID(), Body: in.MessageBody, Attributes: in.MessageAttributes, SentAt: now, VisibleAt: now.Add(time.Duration(in.DelaySeconds) * time.Second),
			GroupID: text(in.MessageGroupId), DeduplicationID: text(in.MessageDeduplicationId),
		},
		trace: r.Header.Get("X-Amzn-Trace-Id"),
	}
	if own, ok := in.MessageSystemAttributes["AWSTraceHeader"]; ok {
		m.trace = own.StringValue
	}
	if q.fifo && in.MessageDeduplicationId == nil {
		sum := sha256.Sum256([]byte(in.MessageBody))
		m.DeduplicationID = hex.EncodeToString(sum[:])
	}
	first, again := q.swallowed(m, now)
	if !again {
		if q.fifo {
			m.SequenceNumber = fmt.Sprintf("%020d", s.serial+1) // twenty digits, as AWS's have
			q.remember(m, now)
		}
		s.put(q, m)
		first = duplicate{id: m.ID, sequence: m.SequenceNumber}
	}
	return sendAnswer{
		batchID: in.batchID, MessageId: first.id, SequenceNumber: first.sequence, MD5OfMessageBody: bodyMD5(m.Body),
		MD5OfMessageAttributes: attributesMD5(in.MessageAttributes), MD5OfMessageSystemAttributes: attributesMD5(in.MessageSystemAttributes),
	}, nil
}

// check checks SQS's rules for one message.
func (q *queue) check(in sendEntry) error {
	switch {
	case in.MessageBody == "":
		return missingParameter("MessageBody")
	case !allowed(in.MessageBody):
		return refusal("InvalidMessageContents", "InvalidMessageContents", "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF")
	case in.size() > maxMessage:
		return invalidParameter("One or more parameters are invalid. Reason: Message must be shorter than %d bytes.", maxMessage)
	case in.DelaySeconds < 0 || in.DelaySeconds > 900:
		return badValue(in.DelaySeconds, "DelaySeconds", "DelaySeconds must be >= 0 and <= 900.")
	case q.fifo && in.DelaySeconds > 0:
		return badValue(in.DelaySeconds, "DelaySeconds", wrongQueueType)
	case q.fifo && in.MessageGroupId == nil:
		return missingParameter("MessageGroupId")
	case q.fifo && in.MessageDeduplicationId == nil && q.attributes["ContentBasedDeduplication"] != "true":
		return noDeduplication
	case !q.fifo && in.MessageDeduplicationId != nil:
		return badValue(*in.MessageDeduplicationId, "MessageDeduplicationId", wrongQueueType)
	}
	for name, id := range map[string]*string{"MessageGroupId": in.MessageGroupId, "MessageDeduplicationId": in.MessageDeduplicationId} {
		if id != nil && !namePattern.MatchString(*id) {
			return badValue(*id, name, name+" can only include alphanumeric and punctuation characters. 1 to 128 in length.")
		}
	}
	for name, a := range in.MessageSystemAttributes {
		if name != "AWSTraceHeader" || a.DataType != "String" || a.StringValue == "" {
			return invalidParameter("Message system attribute name '%s' is invalid.", name)
		}
	}
	return checkAttributes(in.MessageAttributes)
}

// wrongQueueType is AWS's own wording.
const wrongQueueType = "The request include parameter that is not valid for this queue type."

var noDeduplication = invalidParameter("The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly")

// lacks is what a FIFO queue must have of every entry. AWS sends none of the batch then, with another error than for a single
// message without a group.
func (e sendEntry) lacks(fifo *queue) error {
	switch {
	case e.MessageGroupId == nil:
		return invalidParameter("The request must contain the parameter MessageGroupId.")
	case e.MessageDeduplicationId == nil && fifo.attributes["ContentBasedDeduplication"] != "true":
		return noDeduplication
	}
	return nil
}

// namePattern is what group and deduplication ids are made of: ASCII letters, digits and punctuation.
var namePattern = regexp.MustCompile(`^[!-~]{1,128}$`)

// allowed reports whether SQS takes the text: the characters of XML 1.0.
func allowed(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool {
		return r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r == 0xFFFE || r == 0xFFFF
	})
}

// size is what SQS measures: the body, and each attribute's name, type and value.
func (e sendEntry) size() int {
	n := len(e.MessageBody)
	for name, a := range e.MessageAttributes {
		n += len(name) + len(a.DataType) + len(a.StringValue) + len(a.BinaryValue)
	}
	return n
}

// text is a string that a request may leave out.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
