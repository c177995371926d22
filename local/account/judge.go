package account

import (
	"fmt"
	"time"
)

// ending is what became of a message.
type ending string

const (
	applied ending = "applied" // by a call of its own
	merged  ending = "merged"  // into a newer update of the same batch, which was applied
	dead    ending = "dead"    // in the dead-letter queue
	unclear ending = "unclear" // it was deleted, and none of these is known for certain
)

// delivery is one receive of a message. Each receive counts one higher, so a delivery belongs to one invocation.
type delivery struct {
	message  string
	receives int
}

// record is a delivery with the update in its body; valid is false when there is none.
type record struct {
	delivery
	update
	valid bool
}

// batch is one answered invocation of the queue function. What is not returned has been deleted.
type batch struct {
	records        []record // in the order of the event
	returned       map[string]bool
	started, ended time.Time
}

// newest returns the record whose update counts for r: the last one for the same target, and r itself when it is invalid.
func (b *batch) newest(r record) record {
	for _, other := range b.records {
		if r.valid && other.valid && other.Target == r.Target {
			r = other
		}
	}
	return r
}

// sharing counts the records that become one call with r.
func (b *batch) sharing(r record) int {
	n := 0
	for _, other := range b.records {
		if b.newest(other).delivery == b.newest(r).delivery {
			n++
		}
	}
	return n
}

// judge says how each deleted message of a batch ended, and which promises were broken.
func (e *evidence) judge(b *batch) (ends map[string]ending, faults []string) {
	ends = map[string]ending{}
	request := e.request(b)
	for _, r := range b.records {
		line := e.lines[b.newest(r).delivery]
		end, fault := dead, ""
		switch {
		case line.RequestID != "" && line.RequestID != request:
			fault = "its line is of the request " + line.RequestID
		case b.returned[r.message]:
			if line.Action == "delete" || line.Action == "dead-letter" {
				fault = fmt.Sprintf("its line says %q, and it was returned", line.Action)
			}
		case line.Action == "delete":
			end, fault = e.judgeApplied(b, r, line)
		case len(e.dead[r.message]) == 0:
			fault = "it was deleted, and it was neither applied nor merged, and has no dead letter"
		}
		if fault != "" {
			faults = append(faults, fmt.Sprintf("message %s, received %d times, in request %q: %s", r.message, r.receives, request, fault))
			end = unclear
		}
		if !b.returned[r.message] {
			ends[r.message] = end
		}
	}
	return ends, faults
}

// request returns the id of the invocation, from its first line.
func (e *evidence) request(b *batch) string {
	for _, r := range b.records {
		if line, ok := e.lines[r.delivery]; ok {
			return line.RequestID
		}
	}
	return ""
}

// judgeApplied checks a message that was deleted because its mark was made, or a newer one for the same target. That
// HelpCrunch made it is not believed before HelpCrunch says so.
func (e *evidence) judgeApplied(b *batch, r record, line attemptLine) (end ending, fault string) {
	newest := b.newest(r)
	end = merged
	if newest.delivery == r.delivery {
		end = applied
	}
	switch {
	case !r.valid:
		fault = "it is invalid, and its line says that it was applied"
	case line.Outcome != "applied":
		fault = fmt.Sprintf("its line says %q with the outcome %q", line.Action, line.Outcome)
	case line.Coalesced != b.sharing(r)-1:
		fault = fmt.Sprintf("its line says that %d older updates went with it, and there were %d", line.Coalesced, b.sharing(r)-1)
	case !e.answered(newest.Target, b.started, b.ended, func(c call) bool { return c.outcome == "applied" && c.read == newest.read }):
		fault = "its line says that it was applied, and HelpCrunch saw no such call"
	}
	return end, fault
}

// judgeDead says what is wrong with a dead letter. Only what can never be done may be dead: invalid messages, and what
// HelpCrunch itself has refused for good in the invocation that wrote the dead letter, which took no longer than timeout.
func (e *evidence) judgeDead(l deadLetter, timeout time.Duration) (fault string) {
	body, delivered := e.bodies[l.message]
	u, valid := readUpdate(l.body)
	switch {
	case !delivered:
		fault = "no such message was delivered"
	case l.body != body:
		fault = "its body is not the message's"
	case !valid && (l.outcome != "invalid_request" || l.status != 0):
		fault = "the message is invalid"
	case valid && (l.outcome == "applied" || !e.answered(u.Target, l.sent.Add(-timeout), l.sent, func(c call) bool { return c.outcome == l.outcome && c.status == l.status })):
		fault = "HelpCrunch has sent no such answer"
	}
	if fault != "" {
		return fmt.Sprintf("a dead letter of message %q with the outcome %q and the status %d: %s", l.message, l.outcome, l.status, fault)
	}
	return ""
}
