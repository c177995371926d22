package sqs

import (
	"encoding/base64"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// maxVisibility is twelve hours, in seconds: for one timeout, and for all of one receive together.
const maxVisibility = 43200

// handleEntry names a received message to delete, or to hold.
type handleEntry struct {
	batchID
	ReceiptHandle     string
	VisibilityTimeout *int // to hold it
}

// changeVisibility sets the visibility timeout of a received message, from now on. On a standard queue an older
// handle, and one whose timeout is over, still work.
func (s *Server) changeVisibility(_ *http.Request, q *queue, in handleEntry) (any, error) {
	if in.VisibilityTimeout == nil {
		return nil, missingParameter("VisibilityTimeout")
	}
	timeout := *in.VisibilityTimeout
	if err := checkVisibility(timeout); err != nil {
		return nil, err
	}
	m, latest, err := q.read(in.ReceiptHandle)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	if m == nil || q.expired(m, latest, now) {
		return nil, badValue(in.ReceiptHandle, "ReceiptHandle", "Message does not exist or is not available for visibility timeout change.")
	}
	until := now.Add(time.Duration(timeout) * time.Second)
	if until.Sub(m.received) > maxVisibility*time.Second {
		return nil, badValue(timeout, "VisibilityTimeout", "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]")
	}
	m.VisibleAt = until
	s.notify()
	return in.batchID, nil
}

func checkVisibility(timeout int) error {
	if timeout < 0 || timeout > maxVisibility {
		return badValue(timeout, "VisibilityTimeout", "Must be >= 0 and <= 43200, if provided.")
	}
	return nil
}

// deleteMessage deletes by a handle. On a standard queue a handle that a later receive replaced succeeds
// and deletes nothing; on FIFO an expired one is an error. A message already gone is no error.
func (s *Server) deleteMessage(_ *http.Request, q *queue, in handleEntry) (any, error) {
	m, latest, err := q.read(in.ReceiptHandle)
	switch {
	case err != nil:
		return nil, err
	case m == nil:
		return in.batchID, nil
	case q.expired(m, latest, time.Now()):
		return nil, badValue(in.ReceiptHandle, "ReceiptHandle", "The receipt handle has expired.")
	case latest:
		q.remove(m)
		s.notify()
	}
	return in.batchID, nil
}

// receiptHandle names one receive of one message. Clients must take it as opaque, so it can hold all
// that is needed to know it again after the message is gone.
func receiptHandle(q *queue, m *message) string {
	return base64.StdEncoding.EncodeToString([]byte(q.name + " " + m.ID + " " + strconv.Itoa(m.receipt)))
}

// read finds what a handle stands for: nil if the message is no longer there; latest if no receive came after this one. A handle
// that this queue never gave out is an error.
func (q *queue) read(handle string) (m *message, latest bool, err error) {
	raw, _ := base64.StdEncoding.DecodeString(handle)
	part := strings.Split(string(raw), " ")
	if len(part) != 3 || part[0] != q.name {
		e := refusal("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", "The input receipt handle %q is not a valid receipt handle.", handle)
		e.Status = http.StatusNotFound
		return nil, false, e
	}
	m = q.byID[part[1]]
	return m, m != nil && part[2] == strconv.Itoa(m.receipt), nil
}

// expired reports whether a FIFO queue no longer takes the handle: its visibility timeout is over, or the
// message was received again. A standard queue knows no such thing.
func (q *queue) expired(m *message, latest bool, now time.Time) bool {
	return q.fifo && !(latest && m.inFlight(now))
}
