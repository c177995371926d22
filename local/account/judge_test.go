package account

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

var moment = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

var agents = Target{5208, "agent"}

// deliver returns a batch of messages a, b, c… for the same target, each received for the second time. The body "-" is
// invalid.
func deliver(bodies ...string) *batch {
	b := &batch{returned: map[string]bool{}, started: moment, ended: moment.Add(time.Second)}
	for i, body := range bodies {
		r := record{delivery: delivery{string(rune('a' + i)), 2}}
		if body != "-" {
			r.update, r.valid = update{agents, body == "read"}, true
		}
		b.records = append(b.records, r)
	}
	return b
}

func logged(message, action, outcome string, coalesced int) attemptLine {
	return attemptLine{Message: "attempt", RequestID: "request-1", MessageID: message, Action: action, Outcome: outcome, ReceiveCount: 2, Coalesced: coalesced}
}

func TestHowTheMessagesOfABatchEnd(t *testing.T) {
	made := call{moment.Add(time.Millisecond), true, 200, "applied"}
	held := deliver("read")
	held.returned["a"] = true
	half := deliver("unread", "read")
	half.returned["a"] = true
	for _, tc := range []struct {
		name  string
		batch *batch
		lines []attemptLine
		calls []call
		dead  []string
		ends  string // such as "a:applied"
		fault string // part of it; empty for none
	}{
		{"applied", deliver("read"), []attemptLine{logged("a", "delete", "applied", 0)}, []call{made}, nil, "a:applied", ""},
		{"merged", deliver("unread", "read"), []attemptLine{logged("b", "delete", "applied", 1)}, []call{made}, nil, "a:merged b:applied", ""},
		{"held", held, []attemptLine{logged("a", "hold", "unavailable", 0)}, nil, nil, "", ""},
		{"released without a line", held, nil, nil, nil, "", ""},
		{"dead", deliver("-"), []attemptLine{logged("a", "dead-letter", "invalid_request", 0)}, nil, []string{"a"}, "a:dead", ""},
		{"an invalid message beside a mark", deliver("-", "read"), []attemptLine{logged("a", "dead-letter", "invalid_request", 0), logged("b", "delete", "applied", 0)}, []call{made}, []string{"a"}, "a:dead b:applied", ""},
		{"one dead letter safe and one not", func() *batch { b := deliver("read", "read"); b.returned["b"] = true; return b }(),
			[]attemptLine{logged("b", "hold", "chat_not_found", 1)}, nil, []string{"a"}, "a:dead", ""},

		{"deleted without a line", deliver("read"), nil, []call{made}, nil, "a:unclear", "message a, received 2 times"},
		{"deleted and logged as held", deliver("read"), []attemptLine{logged("a", "hold", "unavailable", 0)}, nil, nil, "a:unclear", "no dead letter"},
		{"logged as dead, without a dead letter", deliver("-"), []attemptLine{logged("a", "dead-letter", "invalid_request", 0)}, nil, nil, "a:unclear", "no dead letter"},
		{"merged into an older update", deliver("read", "unread"), []attemptLine{logged("a", "delete", "applied", 1)}, []call{made}, nil, "a:unclear b:unclear", "message b"},
		{"more merged than were there", deliver("read"), []attemptLine{logged("a", "delete", "applied", 1)}, []call{made}, nil, "a:unclear", "1 older updates"},
		{"fewer merged than were there", deliver("unread", "read"), []attemptLine{logged("b", "delete", "applied", 0)}, []call{made}, nil, "a:unclear b:unclear", "0 older updates"},
		{"the older update returned alone", half, []attemptLine{logged("b", "delete", "applied", 1)}, []call{made}, nil, "b:applied", "was returned"},
		{"a call that HelpCrunch never saw", deliver("read"), []attemptLine{logged("a", "delete", "applied", 0)}, nil, nil, "a:unclear", "no such call"},
		{"a call for the older update", deliver("read", "unread"), []attemptLine{logged("b", "delete", "applied", 1)}, []call{made}, nil, "a:unclear b:unclear", "no such call"},
		{"a call of an earlier invocation", deliver("read"), []attemptLine{logged("a", "delete", "applied", 0)}, []call{{moment.Add(-time.Millisecond), true, 200, "applied"}}, nil, "a:unclear", "no such call"},
		{"a call that was refused", deliver("read"), []attemptLine{logged("a", "delete", "applied", 0)}, []call{{moment, true, 503, ""}}, nil, "a:unclear", "no such call"},
		{"deleted with another outcome", deliver("read"), []attemptLine{logged("a", "delete", "unexpected", 0)}, []call{made}, nil, "a:unclear", "unexpected"},
		{"invalid, logged as applied", deliver("-"), []attemptLine{logged("a", "delete", "applied", 0)}, []call{made}, nil, "a:unclear", "invalid"},
		{"the line of another delivery", deliver("read"), []attemptLine{{RequestID: "request-1", MessageID: "a", Action: "delete", Outcome: "applied", ReceiveCount: 1}}, []call{made}, nil, "a:unclear", "no dead letter"},
		{"lines of two requests", deliver("-", "read"), []attemptLine{logged("a", "dead-letter", "invalid_request", 0), {RequestID: "request-2", MessageID: "b", Action: "delete", Outcome: "applied", ReceiveCount: 2}}, []call{made}, []string{"a"}, "a:dead b:unclear", "request-2"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := newEvidence()
			for _, line := range tc.lines {
				e.lines[delivery{line.MessageID, line.ReceiveCount}] = line
			}
			for _, message := range tc.dead {
				e.dead[message] = []deadLetter{{message: message}}
			}
			e.calls[agents] = tc.calls
			ends, faults := e.judge(tc.batch)
			if listed(ends) != tc.ends {
				t.Errorf("ended %q, want %q", listed(ends), tc.ends)
			}
			if (tc.fault == "") != (faults == nil) || !strings.Contains(strings.Join(faults, "\n"), tc.fault) {
				t.Errorf("faults %q, want %q", faults, tc.fault)
			}
		})
	}
}

func listed(ends map[string]ending) string {
	var list []string
	for message, end := range ends {
		list = append(list, fmt.Sprintf("%s:%s", message, end))
	}
	slices.Sort(list)
	return strings.Join(list, " ")
}

func TestWhatMayBeDead(t *testing.T) {
	const mark, invalid = `{"id": 5208, "reader": "agent", "read": true}`, `{"id": "5208"}`
	missing := call{moment, true, 404, "chat_not_found"}
	for _, tc := range []struct {
		name  string
		dead  deadLetter
		calls []call
		fault string // part of it; empty for none
	}{
		{"invalid", deadLetter{message: "bad", body: invalid, outcome: "invalid_request"}, nil, ""},
		{"invalid, with another outcome", deadLetter{message: "bad", body: invalid, outcome: "unexpected"}, nil, "invalid"},
		{"invalid, and HelpCrunch was asked", deadLetter{message: "bad", body: invalid, outcome: "invalid_request", status: 400}, nil, "invalid"},
		{"no such chat", deadLetter{message: "good", body: mark, outcome: "chat_not_found", status: 404}, []call{missing}, ""},
		{"a chat that HelpCrunch never missed", deadLetter{message: "good", body: mark, outcome: "chat_not_found", status: 404}, nil, "no such answer"},
		{"another outcome than HelpCrunch's answer", deadLetter{message: "good", body: mark, outcome: "invalid_request", status: 400}, []call{missing}, "no such answer"},
		{"a mark that was held", deadLetter{message: "good", body: mark, outcome: "unavailable", status: 503}, []call{{moment, true, 503, ""}}, "no such answer"},
		{"a mark that was made", deadLetter{message: "good", body: mark, outcome: "applied", status: 200}, []call{{moment, true, 200, "applied"}}, "no such answer"},
		{"an answer of long ago", deadLetter{message: "good", body: mark, outcome: "chat_not_found", status: 404}, []call{{moment.Add(-time.Hour), true, 404, "chat_not_found"}}, "no such answer"},
		{"another body", deadLetter{message: "good", body: mark + " ", outcome: "chat_not_found", status: 404}, []call{missing}, "body"},
		{"no source", deadLetter{body: mark, outcome: "chat_not_found", status: 404}, []call{missing}, "no such message"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := newEvidence()
			e.bodies = map[string]string{"good": mark, "bad": invalid}
			e.calls[agents] = tc.calls
			tc.dead.sent = moment.Add(time.Second)
			if fault := e.judgeDead(tc.dead, 12*time.Second); (fault == "") != (tc.fault == "") || !strings.Contains(fault, tc.fault) {
				t.Errorf("fault %q, want %q", fault, tc.fault)
			}
		})
	}
}
