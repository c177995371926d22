package main

import (
	"maps"
	"testing"

	"helpcrunch-mark-read/local/sqs"
)

func TestEveryMessageHasOneEnd(t *testing.T) {
	sent := map[string]bool{"a": true, "b": true, "c": true, "never delivered": true, "in the queue": true}
	delivered := map[string]string{"a": "", "b": "", "c": "", "untold": "", "delivered and gone": ""}
	ends := map[string]ending{"a": applied, "b": merged, "c": dead, "untold": applied, "in the queue": applied}
	n, faults := sum(sent, delivered, ends, []sqs.Message{{ID: "in the queue"}})
	if n.all != 7 || n.untold != 2 || n.left != 1 || n.vanished != 2 || !maps.Equal(n.ended, map[ending]int{applied: 2, merged: 1, dead: 1}) {
		t.Errorf("sums %+v", n)
	}
	if len(faults) != 2 {
		t.Errorf("faults %q", faults)
	}
}

func TestMessagesThatNobodySent(t *testing.T) {
	const read, unread, noMark = `{"id": 5208, "reader": "agent", "read": true}`, `{"id": 5208, "reader": "agent", "read": false}`, `no JSON`
	for _, tc := range []struct {
		name      string
		delivered map[string]string
		faults    int
	}{
		{"told of", map[string]string{"a": read}, 0},
		{"whose answer was lost", map[string]string{"b": unread}, 0},
		{"no mark, whose answer was lost", map[string]string{"b": noMark}, 0},
		{"another wish than the lost one", map[string]string{"b": read}, 1},
		{"two, and one was lost", map[string]string{"b": unread, "c": unread}, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := newLedger()
			l.queued("a", wish{agents, true})
			l.queued("", wish{agents, false})
			l.queued("", wish{})
			if faults := strangers(l, tc.delivered); len(faults) != tc.faults {
				t.Errorf("faults %q", faults)
			}
		})
	}
}
