package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

var moment = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

var agents = target{5208, "agent"}

// deliver gives a batch of messages a, b, c… for the same target, each received for the second time. The body "-" is no mark.
func deliver(bodies ...string) *batch {
	b := &batch{returned: map[string]bool{}, started: moment, ended: moment.Add(time.Second)}
	for i, body := range bodies {
		r := record{delivery: delivery{string(rune('a' + i)), 2}}
		if body != "-" {
			r.wish, r.mark = wish{agents, body == "read"}, true
		}
		b.records = append(b.records, r)
	}
	return b
}

func told(message, action, outcome string, coalesced int) attemptLine {
	return attemptLine{Message: "attempt", RequestID: "request-1", MessageID: message, Action: action, Outcome: outcome, ReceiveCount: 2, Coalesced: coalesced}
}

func TestHowTheMessagesOfABatchEnd(t *testing.T) {
	made := call{moment.Add(time.Millisecond), true, 200, "applied"}
	held := deliver("read")
	held.returned["a"] = true
	half := deliver("unread", "read")
	half.returned["a"] = true
	for _, tc := range []struct {
		name    string
		batch   *batch
		lines   []attemptLine
		calls   []call
		letters []string
		ends    string // such as "a:applied"
		fault   string // part of it; empty for none
	}{
		{"applied", deliver("read"), []attemptLine{told("a", "delete", "applied", 0)}, []call{made}, nil, "a:applied", ""},
		{"merged", deliver("unread", "read"), []attemptLine{told("b", "delete", "applied", 1)}, []call{made}, nil, "a:merged b:applied", ""},
		{"held", held, []attemptLine{told("a", "hold", "unavailable", 0)}, nil, nil, "", ""},
		{"released without a line", held, nil, nil, nil, "", ""},
		{"dead", deliver("-"), []attemptLine{told("a", "dead-letter", "invalid_request", 0)}, nil, []string{"a"}, "a:dead", ""},
		{"a no mark beside a mark", deliver("-", "read"), []attemptLine{told("a", "dead-letter", "invalid_request", 0), told("b", "delete", "applied", 0)}, []call{made}, []string{"a"}, "a:dead b:applied", ""},
		{"one letter safe and one not", func() *batch { b := deliver("read", "read"); b.returned["b"] = true; return b }(),
			[]attemptLine{told("b", "hold", "chat_not_found", 1)}, nil, []string{"a"}, "a:dead", ""},

		{"deleted without a line", deliver("read"), nil, []call{made}, nil, "a:broken", "message a, received 2 times"},
		{"deleted and told of as held", deliver("read"), []attemptLine{told("a", "hold", "unavailable", 0)}, nil, nil, "a:broken", "no dead letter"},
		{"told of as dead, without a letter", deliver("-"), []attemptLine{told("a", "dead-letter", "invalid_request", 0)}, nil, nil, "a:broken", "no dead letter"},
		{"merged into an older wish", deliver("read", "unread"), []attemptLine{told("a", "delete", "applied", 1)}, []call{made}, nil, "a:broken b:broken", "message b"},
		{"more merged than were there", deliver("read"), []attemptLine{told("a", "delete", "applied", 1)}, []call{made}, nil, "a:broken", "1 older wishes"},
		{"fewer merged than were there", deliver("unread", "read"), []attemptLine{told("b", "delete", "applied", 0)}, []call{made}, nil, "a:broken b:broken", "0 older wishes"},
		{"the older wish returned alone", half, []attemptLine{told("b", "delete", "applied", 1)}, []call{made}, nil, "b:applied", "was returned"},
		{"a call that HelpCrunch never saw", deliver("read"), []attemptLine{told("a", "delete", "applied", 0)}, nil, nil, "a:broken", "no such call"},
		{"a call for the older wish", deliver("read", "unread"), []attemptLine{told("b", "delete", "applied", 1)}, []call{made}, nil, "a:broken b:broken", "no such call"},
		{"a call of an earlier invocation", deliver("read"), []attemptLine{told("a", "delete", "applied", 0)}, []call{{moment.Add(-time.Millisecond), true, 200, "applied"}}, nil, "a:broken", "no such call"},
		{"a call that was refused", deliver("read"), []attemptLine{told("a", "delete", "applied", 0)}, []call{{moment, true, 503, ""}}, nil, "a:broken", "no such call"},
		{"deleted with another outcome", deliver("read"), []attemptLine{told("a", "delete", "unexpected", 0)}, []call{made}, nil, "a:broken", "unexpected"},
		{"no mark, told of as applied", deliver("-"), []attemptLine{told("a", "delete", "applied", 0)}, []call{made}, nil, "a:broken", "no mark"},
		{"the line of another delivery", deliver("read"), []attemptLine{{RequestID: "request-1", MessageID: "a", Action: "delete", Outcome: "applied", ReceiveCount: 1}}, []call{made}, nil, "a:broken", "no dead letter"},
		{"lines of two requests", deliver("-", "read"), []attemptLine{told("a", "dead-letter", "invalid_request", 0), {RequestID: "request-2", MessageID: "b", Action: "delete", Outcome: "applied", ReceiveCount: 2}}, []call{made}, []string{"a"}, "a:dead b:broken", "request-2"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := newEvidence()
			for _, line := range tc.lines {
				e.lines[delivery{line.MessageID, line.ReceiveCount}] = line
			}
			for _, message := range tc.letters {
				e.letters[message] = []letter{{message: message}}
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
	const mark, noMark = `{"id": 5208, "reader": "agent", "read": true}`, `{"id": "5208"}`
	missing := call{moment, true, 404, "chat_not_found"}
	for _, tc := range []struct {
		name   string
		letter letter
		calls  []call
		fault  string // part of it; empty for none
	}{
		{"no mark", letter{message: "bad", body: noMark, outcome: "invalid_request"}, nil, ""},
		{"no mark, with another outcome", letter{message: "bad", body: noMark, outcome: "unexpected"}, nil, "no mark"},
		{"no mark, and HelpCrunch was asked", letter{message: "bad", body: noMark, outcome: "invalid_request", status: 400}, nil, "no mark"},
		{"no such chat", letter{message: "good", body: mark, outcome: "chat_not_found", status: 404}, []call{missing}, ""},
		{"a chat that HelpCrunch never missed", letter{message: "good", body: mark, outcome: "chat_not_found", status: 404}, nil, "no such answer"},
		{"another outcome than HelpCrunch's answer", letter{message: "good", body: mark, outcome: "invalid_request", status: 400}, []call{missing}, "no such answer"},
		{"a mark that was held", letter{message: "good", body: mark, outcome: "unavailable", status: 503}, []call{{moment, true, 503, ""}}, "no such answer"},
		{"a mark that was made", letter{message: "good", body: mark, outcome: "applied", status: 200}, []call{{moment, true, 200, "applied"}}, "no such answer"},
		{"an answer of long ago", letter{message: "good", body: mark, outcome: "chat_not_found", status: 404}, []call{{moment.Add(-time.Hour), true, 404, "chat_not_found"}}, "no such answer"},
		{"another body", letter{message: "good", body: mark + " ", outcome: "chat_not_found", status: 404}, []call{missing}, "body"},
		{"no source", letter{body: mark, outcome: "chat_not_found", status: 404}, []call{missing}, "nobody was given"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			e := newEvidence()
			e.bodies = map[string]string{"good": mark, "bad": noMark}
			e.calls[agents] = tc.calls
			tc.letter.sent = moment.Add(time.Second)
			if fault := e.judgeLetter(tc.letter); (fault == "") != (tc.fault == "") || !strings.Contains(fault, tc.fault) {
				t.Errorf("fault %q, want %q", fault, tc.fault)
			}
		})
	}
}
