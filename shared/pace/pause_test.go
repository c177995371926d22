package pace_test

import (
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"helpcrunch-mark-read/shared/pace"
)

func TestPauseRefusesAtOnce(t *testing.T) {
	for _, tc := range []struct {
		name       string
		retryAfter time.Duration
		want       time.Duration
	}{
		{"without Retry-After", 0, time.Second},
		{"with one", 17 * time.Second, 17 * time.Second},
		{"an hour", time.Hour, time.Hour},
		{"more than an hour", 100 * time.Hour, time.Hour},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var p pace.Pause
				if err := p.Enter(t.Context(), need); err != nil {
					t.Fatalf("a new gate is closed: %v", err)
				}
				p.Throttled(time.Now(), tc.retryAfter)
				p.Throttled(time.Now(), time.Millisecond) // a shorter one does not open it
				p.Answered(time.Now())                    // nor does an answer
				until := time.Now().Add(tc.want)
				time.Sleep(tc.want - 1)
				var paused *pace.PausedError
				if err := p.Enter(t.Context(), need); !errors.As(err, &paused) || !paused.Until.Equal(until) {
					t.Errorf("just before its end: %v", err)
				}
				time.Sleep(time.Nanosecond)
				if err := p.Enter(t.Context(), need); err != nil {
					t.Errorf("after its end: %v", err)
				}
			})
		})
	}
}
