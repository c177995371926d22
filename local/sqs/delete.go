package sqs

import (
	"context"
	"time"
)

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
