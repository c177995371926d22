package sqs

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
)

// Call names one call to the server, or one entry of a batch.
type Call struct {
	Action string // such as SendMessageBatch
	Queue  string // the queue's name; empty for an action without one
	Entry  string // the entry's id when a batch is asked about entry by entry; else empty
}

// Fault decides how a call fails. nil lets it work. An [*Error] is the answer, and for a batch entry
// the entry's own failure in an answer of status 200. [ErrHang] and [ErrLoseAnswer] are not for
// entries. Any other error is answered as [Internal]. It is called without locks, from many
// goroutines, and once for every try of a client that retries.
type Fault func(Call) error

// ErrHang makes a call do nothing until its context ends.
var ErrHang = errors.New("sqs: the call hangs")

// ErrLoseAnswer carries a call out and then answers 500: a send is stored, a receive puts messages
// in flight, and the client can't know.
var ErrLoseAnswer = errors.New("sqs: the answer is lost")

// SetFault replaces the fault hook for the calls that follow; nil removes it.
func (s *Server) SetFault(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fault = f
}

// ask returns the fault for a call, nil for none.
func (s *Server) ask(c Call) error {
	s.mu.Lock()
	f := s.fault
	s.mu.Unlock()
	if f == nil {
		return nil
	}
	return f(c)
}

// perform carries out an action, or the fault that stands in its way.
func (s *Server) perform(ctx context.Context, name string, do action, body []byte) (any, error) {
	fault := s.ask(Call{Action: name, Queue: queueOf(body)})
	switch {
	case fault == nil:
		return do(ctx, s, body)
	case errors.Is(fault, ErrHang):
		<-ctx.Done()
		return nil, ctx.Err()
	case errors.Is(fault, ErrLoseAnswer):
		if _, err := do(ctx, s, body); err != nil {
			return nil, err
		}
		return nil, Internal()
	}
	return nil, fault
}

// queueOf reads the queue's name out of any request; a body it can't read is refused later.
func queueOf(body []byte) string {
	var in struct{ QueueUrl, QueueName string }
	_ = json.Unmarshal(body, &in)
	if in.QueueName != "" {
		return in.QueueName
	}
	return lastPart(in.QueueUrl)
}

// lastPart is the queue's name in its URL.
func lastPart(queueURL string) string {
	return queueURL[strings.LastIndexByte(queueURL, '/')+1:]
}
