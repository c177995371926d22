package sqs

import (
	"context"
	"regexp"
	"strings"
	"time"
)

type createQueueRequest struct {
	QueueName  string
	Attributes map[string]string
}

type queueURLAnswer struct{ QueueUrl string }

func (s *Server) createQueue(_ context.Context, in createQueueRequest) (*queueURLAnswer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	fifo := strings.EqualFold(in.Attributes["FifoQueue"], "true")
	if err := checkQueueName(in.QueueName, fifo); err != nil {
		return nil, err
	}
	now := time.Now()
	q := newQueue(in.QueueName, fifo, now)
	if err := s.apply(q, in.Attributes, now); err != nil {
		return nil, err
	}
	answer := &queueURLAnswer{s.QueueURL(in.QueueName)}
	if existing, ok := s.queues[in.QueueName]; ok {
		return answer, existing.sameAs(q, in.Attributes)
	}
	s.queues[q.name] = q
	s.notify()
	return answer, nil
}

func newQueue(name string, fifo bool, now time.Time) *queue {
	return &queue{
		name:       name,
		fifo:       fifo,
		created:    now,
		attributes: initialAttributes(fifo),
		byID:       map[string]*message{},
		dedup:      map[string]duplicate{},
	}
}

// sameAs allows a queue to be created twice if the attributes that are named have their values.
func (q *queue) sameAs(wanted *queue, named map[string]string) error {
	for name := range named {
		if q.attributes[name] != wanted.attributes[name] {
			return &Error{400, "com.amazonaws.sqs#QueueNameExists", "QueueAlreadyExists",
				"A queue already exists with the same name and a different value for attribute " + name}
		}
	}
	return nil
}

var queueStem = regexp.MustCompile(`^[A-Za-z0-9_-]+$`)

func checkQueueName(name string, fifo bool) error {
	if name == "" {
		return missingParameter("QueueName")
	}
	stem, suffixed := strings.CutSuffix(name, ".fifo")
	valid := len(name) <= 80 && queueStem.MatchString(stem)
	switch {
	case valid && suffixed == fifo:
		return nil
	case fifo:
		return invalidParameter("The name of a FIFO queue can only include alphanumeric characters, hyphens, or underscores, must end with .fifo suffix and be 1 to 80 in length.")
	}
	return invalidParameter("Can only include alphanumeric characters, hyphens, or underscores. 1 to 80 in length")
}

func (s *Server) getQueueURL(_ context.Context, in struct{ QueueName string }) (*queueURLAnswer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if in.QueueName == "" {
		return nil, missingParameter("QueueName")
	}
	if _, ok := s.queues[in.QueueName]; !ok {
		return nil, queueDoesNotExist()
	}
	return &queueURLAnswer{s.QueueURL(in.QueueName)}, nil
}
