package sqs

import (
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
