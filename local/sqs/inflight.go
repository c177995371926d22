package sqs

import (
	"context"
	"time"
)

// maxVisibility is twelve hours, in seconds: for one timeout, and for all of one receive together.
const maxVisibility = 43200

type changeVisibilityRequest struct {
	QueueUrl, ReceiptHandle string
	VisibilityTimeout       *int
}

func (s *Server) changeMessageVisibility(_ context.Context, in changeVisibilityRequest) (*empty, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.find(in.QueueUrl)
	if err != nil {
		return nil, err
	}
	if err := s.hold(q, in.ReceiptHandle, in.VisibilityTimeout, time.Now()); err != nil {
		return nil, err
	}
	return &empty{}, nil
}

// hold sets the visibility timeout of a received message, from now on. On a standard queue an older
// handle, and one whose timeout is over, still work. The caller holds the lock.
func (s *Server) hold(q *queue, handle string, timeout *int, now time.Time) error {
	if timeout == nil {
		return missingParameter("VisibilityTimeout")
	}
	if err := checkVisibility(*timeout); err != nil {
		return err
	}
	r, err := q.read(handle)
	if err != nil {
		return err
	}
	if r.message == nil || q.fifo && r.expired(now) {
		return badValue(handle, "ReceiptHandle", "Message does not exist or is not available for visibility timeout change.")
	}
	until := now.Add(time.Duration(*timeout) * time.Second)
	if until.Sub(r.received) > maxVisibility*time.Second {
		return badValue(*timeout, "VisibilityTimeout", "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]")
	}
	r.visibleFrom = until
	s.notify()
	return nil
}

func checkVisibility(timeout int) error {
	if timeout < 0 || timeout > maxVisibility {
		return badValue(timeout, "VisibilityTimeout", "Must be >= 0 and <= 43200, if provided.")
	}
	return nil
}

type visibilityEntry struct {
	Id, ReceiptHandle string
	VisibilityTimeout *int
}

func (e visibilityEntry) entryID() string { return e.Id }

type visibilityBatchRequest struct {
	QueueUrl string
	Entries  []visibilityEntry
}

func (s *Server) changeMessageVisibilityBatch(_ context.Context, in visibilityBatchRequest) (*batchAnswer, error) {
	if err := checkBatch("ChangeMessageVisibilityBatch", in.Entries); err != nil {
		return nil, err
	}
	return inBatch(s, "ChangeMessageVisibilityBatch", in.QueueUrl, in.Entries, func(q *queue, e visibilityEntry) (any, error) {
		return batchID{e.Id}, s.hold(q, e.ReceiptHandle, e.VisibilityTimeout, time.Now())
	})
}

type deleteMessageRequest struct{ QueueUrl, ReceiptHandle string }

func (s *Server) deleteMessage(_ context.Context, in deleteMessageRequest) (*empty, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.find(in.QueueUrl)
	if err != nil {
		return nil, err
	}
	if err := s.deleteOne(q, in.ReceiptHandle, time.Now()); err != nil {
		return nil, err
	}
	return &empty{}, nil
}

// deleteOne deletes by a handle. On a standard queue a handle that a later receive replaced succeeds
// and deletes nothing; on FIFO an expired one is an error. A message already gone is no error.
// The caller holds the lock.
func (s *Server) deleteOne(q *queue, handle string, now time.Time) error {
	r, err := q.read(handle)
	switch {
	case err != nil:
		return err
	case r.message == nil:
		return nil
	case q.fifo && r.expired(now):
		return badValue(handle, "ReceiptHandle", "The receipt handle has expired.")
	case !r.latest:
		return nil
	}
	q.remove(r.message)
	s.notify()
	return nil
}

type deleteEntry struct{ Id, ReceiptHandle string }

func (e deleteEntry) entryID() string { return e.Id }

type deleteBatchRequest struct {
	QueueUrl string
	Entries  []deleteEntry
}

func (s *Server) deleteMessageBatch(_ context.Context, in deleteBatchRequest) (*batchAnswer, error) {
	if err := checkBatch("DeleteMessageBatch", in.Entries); err != nil {
		return nil, err
	}
	return inBatch(s, "DeleteMessageBatch", in.QueueUrl, in.Entries, func(q *queue, e deleteEntry) (any, error) {
		return batchID{e.Id}, s.deleteOne(q, e.ReceiptHandle, time.Now())
	})
}
