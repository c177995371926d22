package sqs

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"
)

// number is an attribute that its rule keeps a number.
func (q *queue) number(name string) int {
	n, _ := strconv.Atoi(q.attributes[name])
	return n
}

// apply sets all of the attributes or, with an error, none. The caller holds the lock.
func (s *Server) apply(q *queue, wanted map[string]string, now time.Time) error {
	next := maps.Clone(q.attributes)
	for _, name := range slices.Sorted(maps.Keys(wanted)) {
		rule, ok := ruleFor(name, q.fifo)
		if !ok {
			return unknownAttribute(name)
		}
		value, err := rule.check(wanted[name])
		if err != nil {
			return err
		}
		if name == "FifoQueue" && value != "true" {
			return plain(400, "InvalidAttributeValue", "Invalid value for the parameter FifoQueue. Reason: Modifying queue type is not supported.")
		}
		next[name] = value
	}
	redrive, err := s.parseRedrive(next["RedrivePolicy"], q.fifo)
	if err != nil {
		return err
	}
	q.attributes, q.redrive, q.modified = next, redrive, now
	q.expireAt = now // the retention period may have changed
	return nil
}

type setQueueAttributesRequest struct {
	QueueUrl   string
	Attributes map[string]string
}

func (s *Server) setQueueAttributes(_ context.Context, in setQueueAttributesRequest) (*empty, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.find(in.QueueUrl)
	if err != nil {
		return nil, err
	}
	if err := s.apply(q, in.Attributes, time.Now()); err != nil {
		return nil, err
	}
	s.notify()
	return &empty{}, nil
}

type getQueueAttributesRequest struct {
	QueueUrl       string
	AttributeNames []string
}

type attributesAnswer struct {
	Attributes map[string]string `json:",omitempty"`
}

func (s *Server) getQueueAttributes(_ context.Context, in getQueueAttributesRequest) (*attributesAnswer, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.find(in.QueueUrl)
	if err != nil {
		return nil, err
	}
	all := s.attributesOf(q, time.Now())
	answer := &attributesAnswer{map[string]string{}}
	for _, name := range in.AttributeNames {
		value, set := all[name]
		_, known := ruleFor(name, true)
		switch {
		case name == "All":
			return &attributesAnswer{all}, nil
		case set:
			answer.Attributes[name] = value
		case !known:
			return nil, unknownAttribute(name)
		}
	}
	return answer, nil
}

// attributesOf is everything that GetQueueAttributes can return. The caller holds the lock.
func (s *Server) attributesOf(q *queue, now time.Time) map[string]string {
	count := q.counts(now)
	all := map[string]string{
		"QueueArn":                              s.QueueARN(q.name),
		"CreatedTimestamp":                      strconv.FormatInt(q.created.Unix(), 10),
		"LastModifiedTimestamp":                 strconv.FormatInt(q.modified.Unix(), 10),
		"ApproximateNumberOfMessages":           strconv.Itoa(count.Visible),
		"ApproximateNumberOfMessagesNotVisible": strconv.Itoa(count.InFlight),
		"ApproximateNumberOfMessagesDelayed":    strconv.Itoa(count.Delayed),
	}
	for name, value := range q.attributes {
		if value != "" {
			all[name] = value
		}
	}
	return all
}
