// Package sqs is a small Amazon SQS that runs inside a process, for the local stack and for tests.
// Real SDK clients talk to it over SQS's AWS JSON 1.0 protocol.
//
// It keeps to what AWS documents, and where the documentation is silent to answers recorded from
// AWS. The table in conformance_test.go says so case by case, and runs against moto_server too.
//
// Waiting uses channels and timers only and never holds a lock, so that in a testing/synctest
// bubble time is simulated; the Server must then be made inside the bubble.
//
// Left out: listing, deleting and purging queues, moving messages, permissions, tags, encryption, the
// limits on messages in flight and on calls a second, and the inexactness of standard queues: nothing
// here is delivered twice, lost on a short poll or counted late.
package sqs

import (
	"cmp"
	"net/http"
	"strings"
	"sync"
	"time"
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
	actions                  map[string]action

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
		baseURL: strings.TrimSuffix(cmp.Or(o.BaseURL, "https://sqs."+region+".amazonaws.com"), "/"),
		actions: allActions(),
		queues:  map[string]*queue{},
		changed: make(chan struct{}),
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

// find returns the queue that a QueueUrl names. Only the last part of the URL counts, so that a
// client may know this server by another host; AWS takes a bare name too. The caller holds the lock.
func (s *Server) find(queueURL string) (*queue, error) {
	if queueURL == "" {
		return nil, missingParameter("QueueUrl")
	}
	q, ok := s.queues[lastPart(queueURL)]
	if !ok {
		return nil, queueDoesNotExist()
	}
	q.expire(time.Now())
	return q, nil
}

// findByARN returns nil if there is no such queue. The caller holds the lock.
func (s *Server) findByARN(arn string) *queue {
	q := s.queues[arn[strings.LastIndexByte(arn, ':')+1:]]
	if q == nil || s.QueueARN(q.name) != arn {
		return nil
	}
	q.expire(time.Now())
	return q
}

var _ http.Handler = (*Server)(nil)
