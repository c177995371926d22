package sqs

import (
	"encoding/json"
	"strconv"
	"strings"
	"time"
)

// redrivePolicy sends a message to the target when it was received more often than allowed.
type redrivePolicy struct {
	target      string // an ARN
	maxReceives int    // 1 to 1000
}

// parseRedrive reads a RedrivePolicy; an empty one is none. The caller holds the lock.
func (s *Server) parseRedrive(policy string, fifo bool) (*redrivePolicy, error) {
	if policy == "" {
		return nil, nil
	}
	var in struct {
		Target      string      `json:"deadLetterTargetArn"`
		MaxReceives json.Number `json:"maxReceiveCount"`
	}
	if json.Unmarshal([]byte(policy), &in) != nil {
		return nil, badValue(policy, "RedrivePolicy", "Redrive policy is not a valid JSON map.")
	}
	count, err := strconv.Atoi(in.MaxReceives.String())
	switch {
	case in.Target == "":
		return nil, badValue(policy, "RedrivePolicy", "Redrive policy does not contain mandatory attribute: deadLetterTargetArn.")
	case in.MaxReceives == "":
		return nil, badValue(policy, "RedrivePolicy", "Redrive policy does not contain mandatory attribute: maxReceiveCount.")
	case err != nil || count < 1 || count > 1000:
		return nil, badValue(policy, "RedrivePolicy", "Invalid value for maxReceiveCount: "+in.MaxReceives.String()+", valid values are from 1 to 1000 both inclusive.")
	case !strings.HasPrefix(in.Target, "arn:"):
		return nil, badValue(policy, "RedrivePolicy", "Invalid value for deadLetterTargetArn.")
	case s.findByARN(in.Target) == nil:
		return nil, badValue(policy, "RedrivePolicy", "Dead letter target does not exist.")
	case strings.HasSuffix(in.Target, ".fifo") != fifo:
		return nil, badValue(policy, "RedrivePolicy", "Dead-letter queue must be same type of queue as the source.")
	}
	return &redrivePolicy{in.Target, count}, nil
}

// deadLetter moves a message that was received too often to the dead-letter queue, and reports whether it did.
// AWS does it when the next receive would have it. Without a dead-letter queue (it was deleted) the
// message stays. The caller holds the lock.
func (s *Server) deadLetter(q *queue, m *message, now time.Time) bool {
	if q.redrive == nil || m.receivesHere < q.redrive.maxReceives {
		return false
	}
	target := s.findByARN(q.redrive.target)
	if target == nil {
		return false
	}
	q.remove(m)
	m.source = s.QueueARN(q.name)
	m.receivesHere = 0
	s.arrive(m)
	if target.fifo {
		// On a standard queue the time to live goes on from the first send; on FIFO it starts anew.
		m.sent = now
	}
	target.put(m)
	s.notify()
	return true
}
