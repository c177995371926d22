package sqs

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"time"
)

// group is a run of messages that are delivered in order: a message group on a FIFO queue. On a
// standard queue each message is a group of its own, so that one rule delivers both kinds.
type group struct {
	id       string
	messages []*message
}

// deliverable counts the messages, from the first on, that may be handed out now. The first one that
// is in flight or delayed stops it: nothing overtakes inside a group. What stands before it is
// handed out again even so, which is what AWS does with a batch given back in part.
func (g *group) deliverable(now time.Time) int {
	for i, m := range g.messages {
		if m.visibleFrom.After(now) {
			return i
		}
	}
	return len(g.messages)
}

// nextVisible is the time at which time alone makes more of the group deliverable; zero for never.
func (g *group) nextVisible(now time.Time) time.Time {
	if n := g.deliverable(now); n < len(g.messages) {
		return g.messages[n].visibleFrom
	}
	return time.Time{}
}

func (g *group) remove(m *message) {
	g.messages = slices.DeleteFunc(g.messages, func(other *message) bool { return other == m })
}

// dedupWindow is how long a FIFO queue swallows a deduplication id after its first use, whether or not
// the message is still there.
const dedupWindow = 5 * time.Minute

// duplicate is what a swallowed send is answered with: the first one's names.
type duplicate struct {
	key, id, sequence string
	until             time.Time
}

// dedupIDFor is the sender's deduplication id, or the body's hash where the queue makes it.
func (q *queue) dedupIDFor(in *sendEntry) string {
	if in.MessageDeduplicationId != nil || !q.fifo {
		return text(in.MessageDeduplicationId)
	}
	sum := sha256.Sum256([]byte(text(in.MessageBody)))
	return hex.EncodeToString(sum[:])
}

// dedupKey is what must not repeat: the id in the whole queue, or in its group in high throughput mode.
func (q *queue) dedupKey(m *message) string {
	if q.attributes["DeduplicationScope"] == "messageGroup" {
		return m.groupID + "\x00" + m.dedupID
	}
	return m.dedupID
}

// swallowed reports whether the message repeats one, and as what it is to be answered.
func (q *queue) swallowed(m *message, now time.Time) (duplicate, bool) {
	if !q.fifo {
		return duplicate{}, false
	}
	for len(q.recent) > 0 && !q.recent[0].until.After(now) {
		delete(q.dedup, q.recent[0].key)
		q.recent = q.recent[1:]
	}
	d, ok := q.dedup[q.dedupKey(m)]
	return d, ok
}

func (q *queue) remember(m *message, now time.Time) {
	if !q.fifo {
		return
	}
	d := duplicate{q.dedupKey(m), m.id, m.sequence, now.Add(dedupWindow)}
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
func (q *queue) receivedBy(id string, now time.Time) ([]*message, bool) {
	earlier, ok := q.attempts[id]
	if !ok || now.Sub(earlier.at) >= dedupWindow {
		return nil, false
	}
	var messages []*message
	for _, then := range earlier.received {
		m := q.byID[then.id]
		if m == nil || m.receipt != then.receipt || !m.visibleFrom.Equal(then.visibleFrom) || m.state(now) != InFlight {
			return nil, false
		}
		messages = append(messages, m)
	}
	return messages, true
}

func (q *queue) rememberAttempt(id string, messages []*message, now time.Time) {
	if !q.fifo || id == "" || len(messages) == 0 {
		return
	}
	if q.attempts == nil {
		q.attempts = map[string]attempt{}
	}
	maps.DeleteFunc(q.attempts, func(_ string, a attempt) bool { return now.Sub(a.at) >= dedupWindow })
	a := attempt{at: now}
	for _, m := range messages {
		a.received = append(a.received, *m)
	}
	q.attempts[id] = a
}
