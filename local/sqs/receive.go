package sqs

import (
	"context"
	"slices"
	"time"
)

type receiveRequest struct {
	QueueUrl                    string
	MaxNumberOfMessages         *int
	VisibilityTimeout           *int
	WaitTimeSeconds             *int
	ReceiveRequestAttemptId     string   // FIFO only
	AttributeNames              []string // the older name of the next
	MessageSystemAttributeNames []string
	MessageAttributeNames       []string
}

type receiveAnswer struct {
	Messages []receivedMessage `json:",omitempty"`
}

// receiveMessage answers at once if it has anything, else when something comes, the wait is over or the
// caller goes away. Nothing is put in flight for a caller whose context has ended before.
func (s *Server) receiveMessage(ctx context.Context, in receiveRequest) (*receiveAnswer, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	started := time.Now()
	for {
		got, err := s.poll(ctx, &in)
		if err != nil || len(got.messages) > 0 {
			return &receiveAnswer{got.messages}, err
		}
		left := time.Until(started.Add(got.wait))
		if left <= 0 {
			return &receiveAnswer{}, nil
		}
		got.pause(ctx, left)
	}
}

func (in *receiveRequest) check() error {
	if n := in.MaxNumberOfMessages; n != nil && (*n < 1 || *n > maxBatch) {
		return badValue(*n, "MaxNumberOfMessages", "Must be between 1 and 10, if provided.")
	}
	if n := in.WaitTimeSeconds; n != nil && (*n < 0 || *n > 20) {
		return badValue(*n, "WaitTimeSeconds", "Must be >= 0 and <= 20, if provided.")
	}
	if n := in.VisibilityTimeout; n != nil {
		return checkVisibility(*n)
	}
	return nil
}

// polled is one look into the queue: messages, or what is worth waiting for.
type polled struct {
	messages []receivedMessage
	wait     time.Duration   // of the whole receive
	changed  <-chan struct{} // closed when something changes
	next     time.Time       // when time alone makes a message visible; zero for never
}

func (s *Server) poll(ctx context.Context, in *receiveRequest) (polled, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return polled{}, err
	}
	q, err := s.find(in.QueueUrl)
	if err != nil {
		return polled{}, err
	}
	now := time.Now()
	timeout := time.Duration(or(in.VisibilityTimeout, q.number("VisibilityTimeout"))) * time.Second
	taken, again := q.receivedBy(in.ReceiveRequestAttemptId, now)
	if !again {
		taken = s.take(q, or(in.MaxNumberOfMessages, 1), now)
	}
	var messages []receivedMessage
	for _, m := range taken {
		if !again {
			m.receive(now, timeout)
		}
		m.visibleFrom = now.Add(timeout)
		messages = append(messages, s.shown(q, m, in))
	}
	q.rememberAttempt(in.ReceiveRequestAttemptId, taken, now)
	if len(messages) > 0 {
		s.notify()
	}
	wait := time.Duration(or(in.WaitTimeSeconds, q.number("ReceiveMessageWaitTimeSeconds"))) * time.Second
	return polled{messages, wait, s.changed, q.nextVisible(now)}, nil
}

// take picks up to limit messages, group by group, and moves the groups that it took from behind the
// others. Messages that were received too often go to the dead-letter queue on the way.
func (s *Server) take(q *queue, limit int, now time.Time) []*message {
	var taken []*message
	served := map[*group]bool{}
	for _, g := range slices.Clone(q.groups) {
		if len(taken) == limit {
			break
		}
		for _, m := range slices.Clone(g.messages[:g.deliverable(now)]) {
			if len(taken) == limit {
				break
			}
			if !s.deadLetter(q, m, now) {
				taken = append(taken, m)
				served[g] = true
			}
		}
	}
	q.toTheEnd(served)
	return taken
}

// pause waits without a lock for whatever comes first: a change, the next visible message, the end of the
// wait or of the caller.
func (p polled) pause(ctx context.Context, left time.Duration) {
	if !p.next.IsZero() {
		left = min(left, time.Until(p.next))
	}
	timer := time.NewTimer(left)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-p.changed:
	case <-timer.C:
	}
}

// or is a number that a request may leave out.
func or(n *int, instead int) int {
	if n == nil {
		return instead
	}
	return *n
}
