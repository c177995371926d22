package sqs

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
)

// Call names one call to the server, or one entry of a batch.
type Call struct {
	Action string // such as SendMessageBatch
	Queue  string // the queue's name; empty when the request names none
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

// perform carries out an action, or its injected fault.
func (s *Server) perform(name string, do action, r *http.Request, body []byte) (any, error) {
	queue := queueOf(body)
	fault := s.ask(Call{Action: name, Queue: queue})
	switch {
	case fault == nil:
		return do(s, r, queue, body)
	case errors.Is(fault, ErrHang):
		<-r.Context().Done()
	case errors.Is(fault, ErrLoseAnswer):
		if _, err := do(s, r, queue, body); err != nil {
			return nil, err
		}
	}
	return nil, fault
}

// queueOf reads the queue's name out of any request; a body that it can't read is refused later. Only the last part of a
// QueueUrl counts, so that a client may know this server by another host; AWS takes a bare name too.
func queueOf(body []byte) string {
	var in struct{ QueueUrl, QueueName string }
	_ = json.Unmarshal(body, &in)
	if in.QueueName != "" {
		return in.QueueName
	}
	return in.QueueUrl[strings.LastIndexByte(in.QueueUrl, '/')+1:]
}
