package sqs

import (
	"maps"
	"time"
)

// dedupWindow is how long a FIFO queue swallows a deduplication id after its first use, whether or not
// the message is still there, and how long it knows a receive by its attempt's id.
const dedupWindow = 5 * time.Minute

// duplicate is what a swallowed send is answered with: the first one's names.
type duplicate struct {
	key, id, sequence string
	until             time.Time
}

// swallowed reports whether a message repeats one, and as what it is to be answered.
func (q *queue) swallowed(m *message, now time.Time) (duplicate, bool) {
	for len(q.recent) > 0 && !q.recent[0].until.After(now) {
		delete(q.dedup, q.recent[0].key)
		q.recent = q.recent[1:]
	}
	d, ok := q.dedup[m.DeduplicationID]
	return d, ok && q.fifo
}

func (q *queue) remember(m *message, now time.Time) {
	d := duplicate{m.DeduplicationID, m.ID, m.SequenceNumber, now.Add(dedupWindow)}
	q.dedup[d.key] = d
	q.recent = append(q.recent, d)
}

// attempt is what a receive with a ReceiveRequestAttemptId returned, for the client that asks again because the answer was
// lost.
type attempt struct {
	received []message // as they were then
	at       time.Time
}

// receivedBy returns the messages of an earlier receive with the same id, as AWS does for five minutes on a FIFO queue, unless
// one of them was deleted, changed or received again since.
func (q *queue) receivedBy(id string, now time.Time) (messages []*message) {
	maps.DeleteFunc(q.attempts, func(_ string, a attempt) bool { return now.Sub(a.at) >= dedupWindow })
	for _, then := range q.attempts[id].received {
		m := q.byID[then.ID]
		if m == nil || m.receipt != then.receipt || !m.VisibleAt.Equal(then.VisibleAt) || !m.inFlight(now) {
			return nil
		}
		messages = append(messages, m)
	}
	return messages
}

func (q *queue) rememberAttempt(id string, messages []*message, now time.Time) {
	if !q.fifo || id == "" || len(messages) == 0 {
		return
	}
	a := attempt{at: now}
	for _, m := range messages {
		a.received = append(a.received, *m)
	}
	q.attempts[id] = a
}
