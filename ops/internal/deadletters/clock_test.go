package deadletters

import (
	"testing"
	"testing/synctest"
	"time"

	"helpcrunch-mark-read/ops/internal/opstest"
	"helpcrunch-mark-read/shared/mark"
)

// While a laptop sleeps, the monotonic clock stands still and SQS's does not: what a dead letter is held until is kept
// without a monotonic reading, so that only the wall clock counts.
func TestHoldingIsMeasuredOnTheWallClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := opstest.New(t, true)
		q.AddDead(t, opstest.DeadLetter{Number: 1, Mark: mark.Mark{ID: 1, Reader: mark.Agent}, Outcome: "unavailable"})
		box := Open(t.Context(), q.Client, q.Dead)
		defer box.Close(t.Context())
		if _, _, err := List(t.Context(), box, Filter{}); err != nil {
			t.Fatal(err)
		}
		wallOnly := func(when string) {
			t.Helper()
			box.mu.Lock()
			defer box.mu.Unlock()
			for id, h := range box.out {
				if h.until != h.until.Round(0) {
					t.Errorf("%s, %s is held until a monotonic time", when, id)
				}
			}
		}
		wallOnly("received")
		time.Sleep(Visibility)
		wallOnly("prolonged")
		if ids := box.ids(func(*hold) bool { return true }); len(ids) != 1 || !box.Holds(ids[0]) {
			t.Errorf("%v are held", ids)
		}
	})
}

func TestHowLongADeadLetterIsOut(t *testing.T) {
	for _, tc := range []struct {
		name  string
		until time.Duration // from now
		want  time.Duration
	}{
		{"just received", Visibility, Visibility},
		{"half over", Visibility / 2, Visibility / 2},
		{"over while the laptop slept", -10 * time.Minute, -10 * time.Minute},
		{"further ahead than SQS was asked for: the clock was set back", Visibility + time.Second, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := hold{until: now().Add(tc.until)}
				if got := h.left(); got != tc.want {
					t.Errorf("left = %s, want %s", got, tc.want)
				}
			})
		})
	}
}
