package sqs

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// queue is one queue and what is in it. The server's lock guards it.
type queue struct {
	name       string
	fifo       bool
	attributes map[string]string // those that do not follow from what is in it
	timeout    int               // its visibility timeout in seconds
	redrive    *redrivePolicy    // nil for none

	groups   []*group // those served longest ago first, so that none starves
	byID     map[string]*message
	dedup    map[string]duplicate
	recent   []duplicate        // the same, oldest first
	attempts map[string]attempt // by ReceiveRequestAttemptId
}

// group is a run of messages that are delivered in order: a message group on a FIFO queue. On a
// standard queue each message is a group of its own, so that one rule delivers both kinds.
type group struct {
	id       string
	messages []*message
}

// deliverable are the messages, from the first on, that may be handed out now. The first one that
// is in flight stops it: nothing overtakes inside a group. What stands before it is
// handed out again even so, which is what AWS does with a batch given back in part.
func (g *group) deliverable(now time.Time) []*message {
	n := slices.IndexFunc(g.messages, func(m *message) bool { return m.inFlight(now) })
	if n < 0 {
		n = len(g.messages)
	}
	return slices.Clone(g.messages[:n])
}

// put adds a message, which comes after all others of its group.
func (s *Server) put(q *queue, m *message) {
	s.serial++
	m.serial = s.serial
	q.byID[m.ID] = m
	i := -1
	if q.fifo {
		i = slices.IndexFunc(q.groups, func(g *group) bool { return g.id == m.GroupID })
	}
	if i < 0 {
		i = len(q.groups)
		q.groups = append(q.groups, &group{id: m.GroupID})
	}
	m.group = q.groups[i]
	m.group.messages = append(m.group.messages, m)
	s.notify()
}

func (q *queue) remove(m *message) {
	delete(q.byID, m.ID)
	m.group.messages = slices.DeleteFunc(m.group.messages, func(other *message) bool { return other == m })
	if len(m.group.messages) == 0 {
		q.groups = slices.DeleteFunc(q.groups, func(g *group) bool { return g == m.group })
	}
}

// list returns the messages in the order of their arrival.
func (q *queue) list() []*message {
	return slices.SortedFunc(maps.Values(q.byID), func(a, b *message) int { return cmp.Compare(a.serial, b.serial) })
}

// invisible counts the messages that no receive can have now: those that one has had, and those that were sent with a delay.
func (q *queue) invisible(now time.Time) (inFlight, delayed int) {
	for _, m := range q.byID {
		switch {
		case !m.inFlight(now):
		case m.receivesHere == 0:
			delayed++
		default:
			inFlight++
		}
	}
	return inFlight, delayed
}
