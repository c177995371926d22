package pace

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestWhatOutlivesAnInvocationIsWallClockTime: a time with a monotonic reading would be compared by that, and in a frozen
// environment it stands still.
func TestWhatOutlivesAnInvocationIsWallClockTime(t *testing.T) {
	p, pause := NewPacer(60, 1), new(Pause)
	if err := p.Enter(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	p.Throttled(time.Now(), time.Minute)
	pause.Throttled(time.Now(), time.Minute)
	for name, kept := range map[string]time.Time{"next": p.next, "until": p.until, "pausedAt": p.pausedAt, "pause": pause.until} {
		if kept.IsZero() || strings.Contains(kept.String(), "m=") {
			t.Errorf("%s is %v", name, kept)
		}
	}
}

// TestAClockThatIsSetBack: what would last longer than it ever can is over.
func TestAClockThatIsSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		year := time.Now().Add(365 * 24 * time.Hour).Round(0)
		p, pause := NewPacer(60, 1), new(Pause)
		p.next, p.until, p.pausedAt, pause.until = year, year, year, year
		started := time.Now()
		if err := pause.Enter(t.Context(), 0); err != nil {
			t.Errorf("the HTTP function's gate is closed: %v", err)
		}
		if err := p.Enter(t.Context(), 0); err != nil || time.Since(started) != 0 {
			t.Errorf("the queue function's gate opens after %s: %v", time.Since(started), err)
		}
		p.Throttled(time.Now(), 0)
		if got := p.PausedFor(); got != time.Second {
			t.Errorf("a 429 pauses for %s", got)
		}
	})
}
