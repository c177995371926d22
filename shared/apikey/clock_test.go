package apikey

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"helpcrunch-mark-read/shared/secret"
)

// TestTheWallClockIsKept: a time with a monotonic reading would be compared by a clock that may stand still while Lambda
// keeps an environment frozen. Round(0) strips one, so it changes such a time.
func TestTheWallClockIsKept(t *testing.T) {
	k := New(func(context.Context) (string, error) { return "bad", nil }, time.Minute)
	check := func() {
		t.Helper()
		if called := k.rejected["bad"].called; called.IsZero() || called != called.Round(0) || k.since.IsZero() || k.since != k.since.Round(0) {
			t.Errorf("called at %s, rejected since %s", called, k.since)
		}
	}
	if _, err := k.Key(t.Context()); err != nil {
		t.Fatal(err)
	}
	k.Rejected(t.Context(), "bad")
	check()
	k.rejected["bad"] = rejection{called: secret.Now().Add(-probeEvery)}
	if !k.take("bad") {
		t.Fatal("no probe")
	}
	check()
}

// TestAClockThatWasSetBack: a time that then lies ahead of now is over, once, and the new one counts.
func TestAClockThatWasSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fetches := 0
		k := New(func(context.Context) (string, error) { fetches++; return "bad", nil }, time.Minute)
		_, _ = k.Key(t.Context())
		k.Rejected(t.Context(), "bad")
		ahead := secret.Now().Add(time.Hour)
		k.rejected["bad"], k.since = rejection{called: ahead}, ahead
		if !k.take("bad") || k.take("bad") {
			t.Error("the rejected key is not probed once")
		}
		before := fetches
		time.Sleep(time.Minute)
		for range 5 {
			k.Rejected(t.Context(), "bad")
		}
		if fetches != before+1 {
			t.Errorf("%d fetches for five rejections, want 1", fetches-before)
		}
	})
}
