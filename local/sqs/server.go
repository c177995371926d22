// Package sqs is a small Amazon SQS that runs inside a process, for the local stack and for tests.
// Real SDK clients talk to it over SQS's AWS JSON 1.0 protocol.
//
// It keeps to what AWS documents, and where the documentation is silent to answers recorded from
// AWS. The tables in conformance_*_test.go say so case by case; oracle.sh runs them against moto_server too.
//
// Waiting uses channels and timers only and never holds a lock, so that in a testing/synctest
// bubble time is simulated; the Server must then be made inside the bubble.
//
// Left out: a queue's own delay, the end of the retention period, high throughput mode, most queue attributes and the
// rules for queue names, listing, deleting and purging queues, moving messages, permissions, tags, encryption, the
// limits on messages in flight and on calls a second, and the inexactness of standard queues: nothing
// here is delivered twice, lost on a short poll or counted late.
package sqs

import (
	"cmp"
	"net/http"
	"strings"
	"sync"

	"helpcrunch-mark-read/local/awsjson"
)

// Options are the parts of AWS that a client can see. The zero value works.
type Options struct {
	// Region and AccountID make up queue ARNs. Defaults: us-east-1 and 000000000000.
	Region, AccountID string
	// BaseURL starts every queue URL: http://127.0.0.1:4566 makes
	// http://127.0.0.1:4566/000000000000/marks.fifo. Default: AWS's own for the region.
	BaseURL string
}

// Server is an SQS endpoint for one account and region. It is an http.Handler and safe for
// concurrent use. All its queues live in memory.
type Server struct {
	region, account, baseURL string

	mu      sync.Mutex
	fault   Fault
	queues  map[string]*queue
	serial  uint64        // the last sequence number given out, over all queues
	changed chan struct{} // closed at the next change of any message or queue
}

// New returns an empty Server.
func New(o Options) *Server {
	region := cmp.Or(o.Region, "us-east-1")
	return &Server{
		region:  region,
		account: cmp.Or(o.AccountID, "000000000000"),
		baseURL: cmp.Or(o.BaseURL, "https://sqs."+region+".amazonaws.com"),
		queues:  map[string]*queue{},
		changed: make(chan struct{}),
	}
}

// action carries out one call, which names a queue. It takes the server's lock itself.
type action func(s *Server, r *http.Request, queue string, body []byte) (any, error)

var actions = map[string]action{
	"CreateQueue":                  (*Server).createQueue,
	"GetQueueUrl":                  onQueue((*Server).getQueueURL),
	"GetQueueAttributes":           onQueue((*Server).getQueueAttributes),
	"SetQueueAttributes":           onQueue((*Server).setQueueAttributes),
	"SendMessage":                  onQueue((*Server).send),
	"SendMessageBatch":             inBatch("SendMessageBatch", (*Server).send),
	"ReceiveMessage":               (*Server).receiveMessage,
	"DeleteMessage":                onQueue((*Server).deleteMessage),
	"DeleteMessageBatch":           inBatch("DeleteMessageBatch", (*Server).deleteMessage),
	"ChangeMessageVisibility":      onQueue((*Server).changeVisibility),
	"ChangeMessageVisibilityBatch": inBatch("ChangeMessageVisibilityBatch", (*Server).changeVisibility),
}

// ServeHTTP answers a call, or lets it fail as the fault hook says.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	service := awsjson.Service{Target: "AmazonSQS.", Version: "1.0", Internal: Internal()}
	service.Serve(w, r, func(name string) awsjson.Action {
		do := actions[name]
		if do == nil {
			return nil
		}
		return func(r *http.Request, body []byte) (any, error) { return s.perform(name, do, r, body) }
	})
}

// onQueue makes an action of what is done with one queue while the lock is held.
func onQueue[In any](do func(*Server, *http.Request, *queue, In) (any, error)) action {
	return func(s *Server, r *http.Request, queue string, body []byte) (any, error) {
		in, err := awsjson.Decode[In](body)
		if err != nil {
			return nil, err
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		q, err := s.find(queue)
		if err != nil {
			return nil, err
		}
		return do(s, r, q, in)
	}
}

// QueueURL is the URL of a queue of that name, whether it exists or not.
func (s *Server) QueueURL(name string) string {
	return s.baseURL + "/" + s.account + "/" + name
}

// QueueARN is the ARN of a queue of that name, whether it exists or not.
func (s *Server) QueueARN(name string) string {
	return "arn:aws:sqs:" + s.region + ":" + s.account + ":" + name
}

// Changed returns a channel that is closed at the next change of any queue or message. A message
// that becomes visible because time passes changes nothing; [Message.VisibleAt] says when.
func (s *Server) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.changed
}

// notify wakes everything that waits for a change. The caller holds the lock.
func (s *Server) notify() {
	close(s.changed)
	s.changed = make(chan struct{})
}

// find returns the queue of a name. The caller holds the lock.
func (s *Server) find(name string) (*queue, error) {
	if name == "" {
		return nil, missingParameter("QueueUrl")
	}
	q, ok := s.queues[name]
	if !ok {
		return nil, refusal("QueueDoesNotExist", prefix+"NonExistentQueue", "The specified queue does not exist.")
	}
	return q, nil
}

// findByARN returns nil if there is no such queue. The caller holds the lock.
func (s *Server) findByARN(arn string) *queue {
	q := s.queues[arn[strings.LastIndexByte(arn, ':')+1:]]
	if q == nil || s.QueueARN(q.name) != arn {
		return nil
	}
	return q
}
