package sqs

import (
	"encoding/base64"
	"strconv"
	"strings"
	"time"
)

// receiptHandle names one receive of one message. Clients must take it as opaque, so it can hold all
// that is needed to know it again after the message is gone.
func receiptHandle(q *queue, m *message) string {
	return base64.StdEncoding.EncodeToString([]byte(q.name + " " + m.id + " " + strconv.Itoa(m.receipt)))
}

// receipt is a handle that was read: the message is nil if it is no longer there.
type receipt struct {
	handle string
	*message
	latest bool // no receive came after this one
}

// read finds what a handle stands for. One that this queue never gave out is an error.
func (q *queue) read(handle string) (receipt, error) {
	raw, err := base64.StdEncoding.DecodeString(handle)
	part := strings.Split(string(raw), " ")
	if err != nil || len(part) != 3 || part[0] != q.name {
		return receipt{}, invalidHandle(handle)
	}
	n, err := strconv.Atoi(part[2])
	m := q.byID[part[1]]
	if err != nil {
		return receipt{}, invalidHandle(handle)
	}
	return receipt{handle, m, m != nil && n == m.receipt}, nil
}

// expired tells whether a FIFO queue no longer takes the handle: its visibility timeout is over, or the
// message was received again. A standard queue knows no such thing.
func (r receipt) expired(now time.Time) bool {
	return !r.latest || r.state(now) != InFlight
}
