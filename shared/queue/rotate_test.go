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
// Secrets Manager until there is no time for another call. What was called is told all the same.
func TestANewKeyThatComesTooLate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t)
		secrets := []string{"old", "new"}
		b.Attempts.Keys = apikey.New(func(context.Context) (key string, err error) {
			if key, secrets = secrets[0], secrets[1:]; key == "new" {
				time.Sleep(2 * time.Second)
			}
			return key, nil
		}, time.Hour)
		b.takes = time.Second
		b.answer = func(int, mark.Mark) (*helpcrunch.Answer, error) {
			return &helpcrunch.Answer{Status: 401, Complete: true}, nil
		}
		b.Handler.Pacer = pace.NewPacer(50, 1) // chat 2 may start 1.21 s after chat 1
		back := b.handleWithin(4300*time.Millisecond, record("a", agent(1, true)), record("b", agent(2, true)))
		if !slices.Equal(back, []string{"a", "b"}) || len(b.calls) != 1 || len(b.letters) != 0 {
			t.Errorf("back = %v, %d calls, %d letters; want one call, and both back", back, len(b.calls), len(b.letters))
		}
		if len(b.visibility) != 2 || b.visibility["handle-a"] != 0 || b.visibility["handle-b"] != 0 {
			t.Errorf("visibility %v: the new key is there, so that both may come back at once", b.visibility)
		}
		if told := b.metrics.String(); !strings.Contains(told, `"Calls":1,"UpstreamLatency":1000`) || strings.Contains(told, `"Marks"`) {
			t.Errorf("counted %s", told)
		}
	})
}
