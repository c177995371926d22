package sqs

import (
	"fmt"
	"time"
)

// Attribute is one message attribute.
type Attribute struct {
	DataType    string // String, Number or Binary, or one of these with a custom suffix: String.uuid
	StringValue string `json:",omitempty"`
	BinaryValue []byte `json:",omitempty"`
}

// Message is a message as it lies in a queue.
type Message struct {
	ID              string
	Body            string
	Attributes      map[string]Attribute
	GroupID         string // empty for none
	DeduplicationID string // FIFO only
	SequenceNumber  string // FIFO only
	SourceARN       string // the queue whose redrive policy sent it here; empty for none
	SentAt          time.Time
	ReceiveCount    int  // as consumers see it: it goes on counting in a dead-letter queue
	InFlight        bool // received, and its visibility timeout is not over, or sent with a delay that is not over; a visible one may still wait for one of its group
	VisibleAt       time.Time
}

// message is a message in one queue, seen from inside: InFlight follows from VisibleAt. The server's lock guards it.
type message struct {
	Message
	trace         string // the AWSTraceHeader system attribute
	group         *group
	serial        uint64    // the order of arrival
	received      time.Time // the latest receive
	firstReceived time.Time
	receivesHere  int // in this queue, which is what its own redrive policy counts
	receipt       int // the number of the newest receipt handle
}

func (m *message) inFlight(now time.Time) bool { return m.VisibleAt.After(now) }

// receive counts a receive. The caller sets VisibleAt.
func (m *message) receive(now time.Time) {
	m.ReceiveCount++
	m.receivesHere++
	m.receipt++
	m.received = now
	if m.firstReceived.IsZero() {
		m.firstReceived = now
	}
}

// Messages returns what is in a queue, in the order it came, without receiving it. An unknown queue is
// an error. The caller must not change the attributes.
func (s *Server) Messages(queue string) ([]Message, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.find(queue)
	if err != nil {
		return nil, fmt.Errorf("queue %q: %w", queue, err)
	}
	now := time.Now()
	messages := make([]Message, 0, len(q.byID))
	for _, m := range q.list() {
		seen := m.Message
		seen.InFlight = m.inFlight(now)
		messages = append(messages, seen)
	}
	return messages, nil
}
