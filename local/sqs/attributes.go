package sqs

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/local/awsjson"
)

type queueURL struct{ QueueUrl string }

// createQueue makes a queue, or returns the one of that name as it is.
func (s *Server) createQueue(_ *http.Request, name string, body []byte) (any, error) {
	in, err := awsjson.Decode[struct{ Attributes map[string]string }](body)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	made := queueURL{s.QueueURL(name)}
	if s.queues[name] != nil {
		return made, nil
	}
	q := newQueue(name)
	if name == "" || q.fifo != (in.Attributes["FifoQueue"] == "true") {
		return nil, invalidParameter("The name of a FIFO queue must end with .fifo, and no other queue's name may.")
	}
	if err := s.apply(q, in.Attributes); err != nil {
		return nil, err
	}
	s.queues[name] = q
	s.notify()
	return made, nil
}

func newQueue(name string) *queue {
	now := strconv.FormatInt(time.Now().Unix(), 10)
	q := &queue{
		name: name,
		fifo: strings.HasSuffix(name, ".fifo"),
		attributes: map[string]string{
			"VisibilityTimeout": "30", "MessageRetentionPeriod": "345600", "MaximumMessageSize": strconv.Itoa(maxMessage),
			"DelaySeconds": "0", "ReceiveMessageWaitTimeSeconds": "0", "SqsManagedSseEnabled": "true",
			"CreatedTimestamp": now, "LastModifiedTimestamp": now,
		},
		byID:     map[string]*message{},
		dedup:    map[string]duplicate{},
		attempts: map[string]attempt{},
	}
	if q.fifo {
		maps.Copy(q.attributes, map[string]string{
			"FifoQueue": "true", "ContentBasedDeduplication": "false", "DeduplicationScope": "queue", "FifoThroughputLimit": "perQueue",
		})
	}
	return q
}

// settable are the queue attributes that a caller can set.
var settable = []string{"VisibilityTimeout", "MessageRetentionPeriod", "RedrivePolicy", "RedriveAllowPolicy", "FifoQueue", "ContentBasedDeduplication"}

// apply sets all of the attributes or, with an error, none. The caller holds the lock.
func (s *Server) apply(q *queue, wanted map[string]string) error {
	next := maps.Clone(q.attributes)
	for name, value := range wanted {
		if !slices.Contains(settable, name) {
			return unknownAttribute(name)
		}
		next[name] = value
		if value == "" {
			delete(next, name)
		}
	}
	timeout, err := strconv.Atoi(next["VisibilityTimeout"])
	if err != nil || timeout < 0 || timeout > maxVisibility {
		return refusal("InvalidAttributeValue", "InvalidAttributeValue", "Invalid value for the parameter VisibilityTimeout.")
	}
	redrive, err := s.parseRedrive(q, next["RedrivePolicy"])
	if err != nil {
		return err
	}
	next["LastModifiedTimestamp"] = strconv.FormatInt(time.Now().Unix(), 10)
	q.attributes, q.redrive, q.timeout = next, redrive, timeout
	return nil
}

// redrivePolicy sends a message to the target when it was received more often than allowed.
type redrivePolicy struct {
	target      string // an ARN
	maxReceives int
}

// parseRedrive reads a RedrivePolicy; an empty one is none. The caller holds the lock.
func (s *Server) parseRedrive(q *queue, policy string) (*redrivePolicy, error) {
	if policy == "" {
		return nil, nil
	}
	var in struct {
		Target      string      `json:"deadLetterTargetArn"`
		MaxReceives json.Number `json:"maxReceiveCount"`
	}
	err := json.Unmarshal([]byte(policy), &in)
	count, _ := strconv.Atoi(in.MaxReceives.String())
	target := s.findByARN(in.Target)
	if err != nil || count < 1 || count > 1000 || target == nil || target == q || target.fifo != q.fifo {
		return nil, badValue(policy, "RedrivePolicy", "It is a JSON map with the deadLetterTargetArn of another queue of the same type, and a maxReceiveCount from 1 to 1000.")
	}
	return &redrivePolicy{in.Target, count}, nil
}

func (s *Server) getQueueURL(_ *http.Request, q *queue, _ struct{}) (any, error) {
	return queueURL{s.QueueURL(q.name)}, nil
}

func (s *Server) setQueueAttributes(_ *http.Request, q *queue, in struct{ Attributes map[string]string }) (any, error) {
	if err := s.apply(q, in.Attributes); err != nil {
		return nil, err
	}
	s.notify()
	return struct{}{}, nil
}

func (s *Server) getQueueAttributes(_ *http.Request, q *queue, in struct{ AttributeNames []string }) (any, error) {
	all := maps.Clone(q.attributes)
	inFlight, delayed := q.invisible(time.Now())
	all["QueueArn"] = s.QueueARN(q.name)
	all["ApproximateNumberOfMessages"] = strconv.Itoa(len(q.byID) - inFlight - delayed)
	all["ApproximateNumberOfMessagesNotVisible"] = strconv.Itoa(inFlight)
	all["ApproximateNumberOfMessagesDelayed"] = strconv.Itoa(delayed)
	wanted := map[string]string{}
	for _, name := range in.AttributeNames {
		value, set := all[name]
		switch {
		case name == "All":
			wanted = all
		case set:
			wanted[name] = value
		case !slices.Contains(types.QueueAttributeName("").Values(), types.QueueAttributeName(name)): // one that is known and not set is left out
			return nil, unknownAttribute(name)
		}
	}
	return map[string]any{"Attributes": wanted}, nil
}

func unknownAttribute(name string) error {
	return refusal("InvalidAttributeName", "InvalidAttributeName", "Unknown Attribute %s.", name)
}
