package sqs

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"time"

	"helpcrunch-mark-read/local/awsjson"
)

// senderID stands for the sender's IAM id, which nobody here has; it is the one of AWS's examples.
const senderID = "AIDACKCEVSQ6C2EXAMPLE"

type receiveRequest struct {
	MaxNumberOfMessages         *int
	VisibilityTimeout           *int
	WaitTimeSeconds             int
	ReceiveRequestAttemptId     string   // FIFO only
	AttributeNames              []string // the older name of the next
	MessageSystemAttributeNames []string
	MessageAttributeNames       []string
}

type receiveAnswer struct {
	Messages []receivedMessage `json:",omitempty"`
}

type receivedMessage struct {
	MessageId              string
	ReceiptHandle          string
	Body                   string
	MD5OfBody              string
	Attributes             map[string]string    `json:",omitempty"`
	MessageAttributes      map[string]Attribute `json:",omitempty"`
	MD5OfMessageAttributes string               `json:",omitempty"` // of those that were asked for
}

// receiveMessage answers at once if it has anything, else when something comes, the wait is over or the
// caller goes away. Nothing is put in flight for a caller whose context has ended before.
func (s *Server) receiveMessage(r *http.Request, queue string, body []byte) (any, error) {
	in, err := awsjson.Decode[receiveRequest](body)
	if err == nil {
		err = in.check()
	}
	if err != nil {
		return nil, err
	}
	end := time.Now().Add(time.Duration(in.WaitTimeSeconds) * time.Second)
	for {
		messages, changed, next, err := s.poll(r.Context(), queue, in, end)
		if err != nil || len(messages) > 0 || !time.Now().Before(end) {
			return receiveAnswer{messages}, err
		}
		select {
		case <-r.Context().Done():
		case <-changed:
		case <-time.After(time.Until(next)):
		}
	}
}

func (in receiveRequest) check() error {
	if n := or(in.MaxNumberOfMessages, 1); n < 1 || n > maxBatch {
		return badValue(n, "MaxNumberOfMessages", "Must be between 1 and 10, if provided.")
	}
	if n := in.WaitTimeSeconds; n < 0 || n > 20 {
		return badValue(n, "WaitTimeSeconds", "Must be >= 0 and <= 20, if provided.")
	}
	return checkVisibility(or(in.VisibilityTimeout, 0))
}

// poll is one look into the queue. Without messages it is worth another when something changes, or at next.
func (s *Server) poll(ctx context.Context, queue string, in receiveRequest, end time.Time) (messages []receivedMessage, changed <-chan struct{}, next time.Time, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.find(queue)
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return nil, nil, end, err
	}
	now := time.Now()
	taken := q.receivedBy(in.ReceiveRequestAttemptId, now)
	if taken == nil {
		taken = s.take(q, or(in.MaxNumberOfMessages, 1), now)
		for _, m := range taken {
			m.receive(now)
		}
	}
	for _, m := range taken {
		m.VisibleAt = now.Add(time.Duration(or(in.VisibilityTimeout, q.timeout)) * time.Second)
		messages = append(messages, q.shown(m, in))
	}
	q.rememberAttempt(in.ReceiveRequestAttemptId, taken, now)
	if len(messages) > 0 {
		s.notify()
	}
	next = end
	for _, m := range q.byID {
		if m.inFlight(now) && m.VisibleAt.Before(next) {
			next = m.VisibleAt
		}
	}
	return messages, s.changed, next, nil
}

// take picks up to limit messages, group by group, and moves the groups that it took from behind the
// others. Messages that were received too often go to the dead-letter queue on the way.
func (s *Server) take(q *queue, limit int, now time.Time) (taken []*message) {
	var served, others []*group
	for _, g := range slices.Clone(q.groups) {
		before := len(taken)
		for _, m := range g.deliverable(now) {
			if len(taken) < limit && !s.deadLetter(q, m, now) {
				taken = append(taken, m)
			}
		}
		switch {
		case len(taken) > before:
			served = append(served, g)
		case len(g.messages) > 0:
			others = append(others, g)
		}
	}
	q.groups = append(others, served...)
	return taken
}

// deadLetter moves a message that was received too often to the dead-letter queue, and reports whether it did.
// AWS does it when the next receive would have it. The caller holds the lock.
func (s *Server) deadLetter(q *queue, m *message, now time.Time) bool {
	if q.redrive == nil || m.receivesHere < q.redrive.maxReceives {
		return false
	}
	q.remove(m)
	m.SourceARN = s.QueueARN(q.name)
	m.receivesHere = 0
	target := s.findByARN(q.redrive.target) // it exists: queues are not deleted
	if target.fifo {
		// On a standard queue the time to live goes on from the first send; on FIFO it starts anew.
		m.SentAt = now
	}
	s.put(target, m)
	return true
}

// shown is the message as a receive returns it.
func (q *queue) shown(m *message, in receiveRequest) receivedMessage {
	attributes := matching(m.Attributes, in.MessageAttributeNames)
	return receivedMessage{
		MessageId:              m.ID,
		ReceiptHandle:          receiptHandle(q, m),
		Body:                   m.Body,
		MD5OfBody:              bodyMD5(m.Body),
		Attributes:             m.systemAttributes(append(in.AttributeNames, in.MessageSystemAttributeNames...)),
		MessageAttributes:      attributes,
		MD5OfMessageAttributes: attributesMD5(attributes),
	}
}

func (m *message) systemAttributes(wanted []string) map[string]string {
	millis := func(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }
	out := map[string]string{}
	for name, value := range map[string]string{
		"SenderId":                         senderID,
		"SentTimestamp":                    millis(m.SentAt),
		"ApproximateReceiveCount":          strconv.Itoa(m.ReceiveCount),
		"ApproximateFirstReceiveTimestamp": millis(m.firstReceived),
		"MessageGroupId":                   m.GroupID,
		"MessageDeduplicationId":           m.DeduplicationID,
		"SequenceNumber":                   m.SequenceNumber,
		"AWSTraceHeader":                   m.trace,
		"DeadLetterQueueSourceArn":         m.SourceARN,
	} {
		if value != "" && (slices.Contains(wanted, "All") || slices.Contains(wanted, name)) {
			out[name] = value
		}
	}
	return out
}

// or is a number that a request may leave out.
func or(n *int, instead int) int {
	if n == nil {
		return instead
	}
	return *n
}
