package queue

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"helpcrunch-mark-read/shared/apikey"
	"helpcrunch-mark-read/shared/helpcrunch"
	"helpcrunch-mark-read/shared/mark"
	"helpcrunch-mark-read/shared/pace"
)

// TestANewKeyThatComesTooLate: chat 2 has passed the gate with a key that chat 1 learns to be revoked, and both wait for
// Secrets Manager until there is no time for another call. Its calls are counted all the same.
func TestANewKeyThatComesTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t)
		secrets := []string{"old", "new"}
		h.Attempts.Keys = apikey.New(func(context.Context) (key string, err error) {
			if key, secrets = secrets[0], secrets[1:]; key == "new" {
				time.Sleep(2 * time.Second)
			}
			return key, nil
		}, time.Hour)
		h.takes = time.Second
		h.answer = func(int, mark.Mark) (*helpcrunch.Answer, error) {
			return &helpcrunch.Answer{Status: 401, Complete: true}, nil
		}
		h.Handler.Pacer = pace.NewPacer(50, 1) // chat 2 may start 1.21 s after chat 1
		back := h.handleWithin(4300*time.Millisecond, record("a", agent(1, true)), record("b", agent(2, true)))
		if !slices.Equal(back, []string{"a", "b"}) || len(h.calls) != 1 || len(h.deadLetters) != 0 {
			t.Errorf("back = %v, %d calls, %d dead letters; want one call, and both back", back, len(h.calls), len(h.deadLetters))
		}
		if len(h.visibility) != 2 || h.visibility["handle-a"] != 0 || h.visibility["handle-b"] != 0 {
			t.Errorf("visibility %v: the new key is there, so that both may come back at once", h.visibility)
		}
		if logged := h.metrics.String(); !strings.Contains(logged, `"Calls":1,`) || !strings.Contains(logged, `"UpstreamLatency":1000`) || strings.Contains(logged, `"Marks"`) {
			t.Errorf("counted %s", logged)
		}
	})
}
