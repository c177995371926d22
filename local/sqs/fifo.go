package sqs

import (
	"crypto/sha256"
	"encoding/hex"
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
