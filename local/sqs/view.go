package sqs

import (
	"fmt"
	"time"
)

// State says whether a receive can have a message.
type State string

// The states of a message. A visible message of a FIFO group may still wait for one before it.
const (
	Visible  State = "visible"
	InFlight State = "in flight" // received, and its visibility timeout is not over
	Delayed  State = "delayed"   // sent with a delay that is not over
)

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
	ReceiveCount    int
	State           State
	VisibleAt       time.Time // when it becomes visible; in the past for a visible one
}

// Counts are the numbers that GetQueueAttributes calls approximate. Here they are exact.
type Counts struct {
	Visible, InFlight, Delayed int
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
	view := make([]Message, 0, len(q.byID))
	for _, m := range q.list() {
		view = append(view, m.view(now))
	}
	return view, nil
}

// Counts counts what is in a queue by state. An unknown queue is an error.
func (s *Server) Counts(queue string) (Counts, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.find(queue)
	if err != nil {
		return Counts{}, fmt.Errorf("queue %q: %w", queue, err)
	}
	return q.counts(time.Now()), nil
}

func (m *message) view(now time.Time) Message {
	return Message{
		ID:              m.id,
		Body:            m.body,
		Attributes:      m.attributes,
		GroupID:         m.groupID,
		DeduplicationID: m.dedupID,
		SequenceNumber:  m.sequence,
		SourceARN:       m.source,
		SentAt:          m.sent,
		ReceiveCount:    m.receives,
		State:           m.state(now),
		VisibleAt:       m.visibleFrom,
	}
}
