package sqs

import (
	"cmp"
	"slices"
	"time"
)

// queue is one queue and what is in it. The server's lock guards it.
type queue struct {
	name       string
	fifo       bool
	created    time.Time
	modified   time.Time
	attributes map[string]string // all of rules.go; empty for one that is not there
	redrive    *redrivePolicy    // nil for none

	groups   []*group // those served longest ago first, so that none starves
	byID     map[string]*message
	dedup    map[string]duplicate
	recent   []duplicate        // the same, oldest first
	expireAt time.Time          // no message expires before
	attempts map[string]attempt // by ReceiveRequestAttemptId
}

func (q *queue) seconds(attribute string) time.Duration {
	return time.Duration(q.number(attribute)) * time.Second
}

// put adds a message at the end of its group.
func (q *queue) put(m *message) {
	q.byID[m.id] = m
	m.group = q.groupFor(m)
	m.group.messages = append(m.group.messages, m)
	if end := m.sent.Add(q.seconds("MessageRetentionPeriod")); q.expireAt.IsZero() || end.Before(q.expireAt) {
		q.expireAt = end
	}
}

func (q *queue) groupFor(m *message) *group {
	if q.fifo {
		for _, g := range q.groups {
			if g.id == m.groupID {
				return g
			}
		}
	}
	g := &group{id: m.groupID}
	q.groups = append(q.groups, g)
	return g
}

func (q *queue) remove(m *message) {
	delete(q.byID, m.id)
	m.group.remove(m)
	if len(m.group.messages) == 0 {
		q.groups = slices.DeleteFunc(q.groups, func(g *group) bool { return g == m.group })
	}
}

// toTheEnd lets all other groups be served before these.
func (q *queue) toTheEnd(served map[*group]bool) {
	var first, last []*group
	for _, g := range q.groups {
		if served[g] {
			last = append(last, g)
		} else {
			first = append(first, g)
		}
	}
	q.groups = append(first, last...)
}

// expire drops what is older than the retention period, in flight or not, as AWS does.
func (q *queue) expire(now time.Time) {
	if q.expireAt.IsZero() || now.Before(q.expireAt) {
		return
	}
	retention := q.seconds("MessageRetentionPeriod")
	q.expireAt = time.Time{}
	for _, m := range q.byID {
		end := m.sent.Add(retention)
		switch {
		case !end.After(now):
			q.remove(m)
		case q.expireAt.IsZero() || end.Before(q.expireAt):
			q.expireAt = end
		}
	}
}

// list returns the messages in the order of their arrival.
func (q *queue) list() []*message {
	all := make([]*message, 0, len(q.byID))
	for _, g := range q.groups {
		all = append(all, g.messages...)
	}
	slices.SortFunc(all, func(a, b *message) int { return cmp.Compare(a.serial, b.serial) })
	return all
}

func (q *queue) counts(now time.Time) Counts {
	var c Counts
	for _, m := range q.byID {
		switch m.state(now) {
		case Visible:
			c.Visible++
		case InFlight:
			c.InFlight++
		case Delayed:
			c.Delayed++
		}
	}
	return c
}

// nextVisible is when the passing of time alone makes a message deliverable; zero for never.
func (q *queue) nextVisible(now time.Time) time.Time {
	var next time.Time
	for _, g := range q.groups {
		if at := g.nextVisible(now); !at.IsZero() && (next.IsZero() || at.Before(next)) {
			next = at
		}
	}
	return next
}
