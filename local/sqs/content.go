package sqs

import (
	"regexp"
	"unicode/utf8"
)

// check holds SQS's rules for one message.
func (q *queue) check(in *sendEntry) error {
	if text(in.MessageBody) == "" {
		return missingParameter("MessageBody")
	}
	if !allowed(*in.MessageBody) {
		return plain(400, "InvalidMessageContents", "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF")
	}
	if err := q.checkNames(in); err != nil {
		return err
	}
	if err := q.checkDelay(in.DelaySeconds); err != nil {
		return err
	}
	if err := checkAttributes(in.MessageAttributes); err != nil {
		return err
	}
	if err := checkSystemAttributes(in.MessageSystemAttributes); err != nil {
		return err
	}
	if limit := q.number("MaximumMessageSize"); in.size() > limit {
		return invalidParameter("One or more parameters are invalid. Reason: Message must be shorter than %d bytes.", limit)
	}
	return nil
}

// namePattern is what group and deduplication ids are made of: ASCII letters, digits and punctuation.
var namePattern = regexp.MustCompile(`^[!-~]{1,128}$`)

const nameRule = " can only include alphanumeric and punctuation characters. 1 to 128 in length."

// wrongQueueType is AWS's own wording.
const wrongQueueType = "The request include parameter that is not valid for this queue type."

func (q *queue) checkNames(in *sendEntry) error {
	if in.MessageGroupId != nil && !namePattern.MatchString(*in.MessageGroupId) {
		return badValue(*in.MessageGroupId, "MessageGroupId", "MessageGroupId"+nameRule)
	}
	return q.checkDedupID(in.MessageDeduplicationId)
}

func (q *queue) checkDedupID(id *string) error {
	switch {
	case id == nil && q.fifo && q.attributes["ContentBasedDeduplication"] != "true":
		return invalidParameter("The queue should either have ContentBasedDeduplication enabled or MessageDeduplicationId provided explicitly")
	case id == nil:
		return nil
	case !q.fifo:
		return badValue(*id, "MessageDeduplicationId", wrongQueueType)
	case !namePattern.MatchString(*id):
		return badValue(*id, "MessageDeduplicationId", "MessageDeduplicationId"+nameRule)
	}
	return nil
}

// checkDelay lets FIFO have a delay of zero, which there means the queue's own.
func (q *queue) checkDelay(delay *int) error {
	switch {
	case delay == nil:
		return nil
	case *delay < 0 || *delay > 900:
		return badValue(*delay, "DelaySeconds", "DelaySeconds must be >= 0 and <= 900.")
	case q.fifo && *delay > 0:
		return badValue(*delay, "DelaySeconds", wrongQueueType)
	}
	return nil
}

// allowed reports whether SQS takes the text: the characters of XML 1.0.
func allowed(s string) bool {
	for _, r := range s {
		switch {
		case r == '\t' || r == '\n' || r == '\r':
		case r < 0x20 || r == 0xFFFE || r == 0xFFFF:
			return false
		}
	}
	return utf8.ValidString(s)
}

// size is what SQS measures: the body, and each attribute's name, type and value.
func (e *sendEntry) size() int {
	n := len(text(e.MessageBody))
	for name, a := range e.MessageAttributes {
		n += len(name) + len(a.DataType) + len(text(a.StringValue)) + len(a.BinaryValue)
	}
	return n
}
