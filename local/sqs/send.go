package sqs

import (
	"context"
	"fmt"
	"time"
)

// sendEntry is one message to send, alone or in a batch.
type sendEntry struct {
	Id                      string // in a batch
	MessageBody             *string
	DelaySeconds            *int
	MessageAttributes       map[string]attributeValue
	MessageSystemAttributes map[string]attributeValue
	MessageGroupId          *string
	MessageDeduplicationId  *string
}

func (e sendEntry) entryID() string { return e.Id }

type sendRequest struct {
	QueueUrl string
	sendEntry
}

type sendAnswer struct {
	Id                           string `json:",omitempty"` // in a batch
	MessageId                    string
	MD5OfMessageBody             string
	MD5OfMessageAttributes       string `json:",omitempty"`
	MD5OfMessageSystemAttributes string `json:",omitempty"`
	SequenceNumber               string `json:",omitempty"`
}

func (s *Server) sendMessage(ctx context.Context, in sendRequest) (*sendAnswer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.find(in.QueueUrl)
	if err != nil {
		return nil, err
	}
	if q.fifo && in.MessageGroupId == nil {
		return nil, missingParameter("MessageGroupId")
	}
	return s.send(ctx, q, &in.sendEntry)
}

// send checks one message and puts it into the queue, unless it is a duplicate. The caller holds the lock.
func (s *Server) send(ctx context.Context, q *queue, in *sendEntry) (*sendAnswer, error) {
	if err := q.check(in); err != nil {
		return nil, err
	}
	now := time.Now()
	m := q.newMessage(in, now)
	if m.trace == "" {
		m.trace = traceOf(ctx)
	}
	answer := &sendAnswer{
		Id:                           in.Id,
		MD5OfMessageBody:             bodyMD5(m.body),
		MD5OfMessageAttributes:       attributesMD5(m.attributes),
		MD5OfMessageSystemAttributes: attributesMD5(plainAttributes(in.MessageSystemAttributes)),
	}
	if first, again := q.swallowed(m, now); again {
		answer.MessageId, answer.SequenceNumber = first.id, first.sequence
		return answer, nil
	}
	s.arrive(m)
	if q.fifo {
		m.sequence = sequenceNumber(m.serial)
	}
	q.remember(m, now)
	q.put(m)
	s.notify()
	answer.MessageId, answer.SequenceNumber = m.id, m.sequence
	return answer, nil
}

func (q *queue) newMessage(in *sendEntry, now time.Time) *message {
	delay := q.number("DelaySeconds")
	if in.DelaySeconds != nil && !q.fifo {
		delay = *in.DelaySeconds
	}
	return &message{
		id:          newID(),
		body:        text(in.MessageBody),
		attributes:  plainAttributes(in.MessageAttributes),
		trace:       text(in.MessageSystemAttributes["AWSTraceHeader"].StringValue),
		groupID:     text(in.MessageGroupId),
		dedupID:     q.dedupIDFor(in),
		sent:        now,
		visibleFrom: now.Add(time.Duration(delay) * time.Second),
	}
}

// arrive puts a message in its place after all others. The caller holds the lock.
func (s *Server) arrive(m *message) {
	s.serial++
	m.serial = s.serial
}

// sequenceNumber has twenty digits, as AWS's have.
func sequenceNumber(serial uint64) string { return fmt.Sprintf("%020d", serial) }

// text is a string that a request may leave out.
func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

type sendBatchRequest struct {
	QueueUrl string
	Entries  []sendEntry
}

func (s *Server) sendMessageBatch(ctx context.Context, in sendBatchRequest) (*batchAnswer, error) {
	if err := checkBatch("SendMessageBatch", in.Entries); err != nil {
		return nil, err
	}
	if err := checkBatchSize(in.Entries); err != nil {
		return nil, err
	}
	if err := s.checkFIFOBatch(in); err != nil {
		return nil, err
	}
	return inBatch(s, "SendMessageBatch", in.QueueUrl, in.Entries, func(q *queue, e sendEntry) (any, error) {
		return s.send(ctx, q, &e)
	})
}

func checkBatchSize(entries []sendEntry) error {
	total := 0
	for i := range entries {
		total += entries[i].size()
	}
	if total > maxMessage {
		return modelled(400, "BatchRequestTooLong", "BatchRequestTooLong",
			"Batch requests cannot be longer than %d bytes. You have sent %d bytes.", maxMessage, total)
	}
	return nil
}

// checkFIFOBatch refuses the whole batch where one entry lacks what FIFO needs, as AWS does.
func (s *Server) checkFIFOBatch(in sendBatchRequest) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.find(in.QueueUrl)
	if err != nil || !q.fifo {
		return err
	}
	for _, entry := range in.Entries {
		if entry.MessageGroupId == nil {
			return invalidParameter("The request must contain the parameter MessageGroupId.")
		}
		if err := q.checkDedupID(entry.MessageDeduplicationId); err != nil {
			return err
		}
	}
	return nil
}
