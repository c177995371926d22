package account

import (
	"io"
	"reflect"
	"testing"

	"helpcrunch-mark-read/local/sqs"
)

func TestEveryMessageHasOneEnd(t *testing.T) {
	sent := map[string]bool{"a": true, "b": true, "c": true, "never delivered": true, "in the queue": true}
	delivered := map[string]string{"a": "", "b": "", "c": "", "unanswered": "", "delivered and gone": ""}
	ends := map[string]ending{"a": applied, "b": merged, "c": dead, "unanswered": applied, "in the queue": applied}
	n, faults := sum(sent, delivered, ends, []sqs.Message{{ID: "in the queue"}})
	if !reflect.DeepEqual(n, Sums{Sent: 7, Applied: 2, Merged: 1, Dead: 1, Left: 1, unanswered: 2, vanished: 2}) {
		t.Errorf("sums %+v", n)
	}
	if len(faults) != 2 {
		t.Errorf("faults %q", faults)
	}
}

func TestMessagesThatNobodySent(t *testing.T) {
	const read, unread, invalid = `{"id": 5208, "reader": "agent", "read": true}`, `{"id": 5208, "reader": "agent", "read": false}`, `not JSON`
	for _, tc := range []struct {
		name      string
		delivered map[string]string
		faults    int
	}{
		{"whose answer came", map[string]string{"a": read}, 0},
		{"whose answer was lost", map[string]string{"b": unread}, 0},
		{"invalid, whose answer was lost", map[string]string{"b": invalid}, 0},
		{"another update than the lost one", map[string]string{"b": read}, 1},
		{"two, and one was lost", map[string]string{"b": unread, "c": unread}, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := New(io.Discard, 0)
			a.queued("a", update{agents, true})
			a.queued("", update{agents, false})
			a.queued("", update{})
			a.bodies = tc.delivered
			if faults := a.strangers(); len(faults) != tc.faults {
				t.Errorf("faults %q", faults)
			}
		})
	}
}
