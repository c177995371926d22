package main

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"

	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/ops/internal/opstest"
	"helpcrunch-mark-read/shared/mark"
)

func TestDeadLettersThatFailAgainAreLeftUndone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, true)
		w.AddDead(t, deadLetters()...)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go w.FailAgain(ctx, t)
		got := w.ops(t.Context(), "", onStack("dead", "redrive", "--chat", "5208")...)
		if got.code != 1 || !strings.Contains(got.out, "1 dead letter chosen: 1 message sent") ||
			!strings.Contains(got.err, "1 message was dead-lettered again while the command ran: the cause is not fixed") {
			t.Errorf("%+v", got)
		}
	})
}

func TestABoundIsShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, true)
		w.AddDead(t, opstest.DeadLetter{
			Number: 1, Outcome: "unavailable", TraceID: "Root=1-2-3",
			Mark: mark.Mark{ID: 5208, Reader: mark.Agent, Read: true, AsOf: mark.Bound{Set: true, Seconds: 1_767_225_600}},
		})
		for _, tc := range []struct{ command, says string }{
			{"show", "chat 5208, reader agent, read true, as of 2026-01-01 00:00:00Z (1767225600)\n"},
			{"show", "Trace          Root=1-2-3\n"},
			{"list", `{"id": 5208, "reader": "agent", "read": true, "asOf": 1767225600}`},
		} {
			if got := w.ops(t.Context(), "", onStack("dead", tc.command)...); got.code != 0 || !strings.Contains(got.out, tc.says) {
				t.Errorf("dead %s does not say %q: %+v", tc.command, tc.says, got)
			}
		}
	})
}

func TestNoRoomForAReasonIsNoCrash(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, true)
		w.AddDead(t, opstest.DeadLetter{Number: 1, Mark: mark.Mark{ID: 1, Reader: mark.Agent}, Outcome: "chat_not_found", More: 8})
		if got := w.ops(t.Context(), "", onStack("dead", "show", "--outcome", "no_room")...); got.code != 0 || !strings.Contains(got.out, "there was no room for a reason") {
			t.Errorf("%+v", got)
		}
	})
}

// What is out of sight has three possible reasons, and ops knows one of them for certain.
func TestWhatIsOutOfSightIsExplained(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, true)
		w.AddDead(t, deadLetters()...)
		box := (&target{aws: w.Queues.Config, globals: globals{DeadLetterURL: w.Dead}}).deadLetters(t.Context())
		defer box.Close(t.Context())
		if err := box.Each(t.Context(), func(*deadletters.DeadLetter) bool { return false }); err != nil {
			t.Fatal(err)
		}
		got := w.ops(t.Context(), "", onStack("dead", "list")...)
		if !strings.Contains(got.err, "About 5 dead letters are out of sight: another ops is looking at them, was killed less than 2m0s ago, or an answer of SQS's to it was lost on the way.") {
			t.Errorf("%+v", got)
		}
	})
}

func TestShowSaysWhetherThereAreMore(t *testing.T) {
	for _, tc := range []struct {
		limit string
		more  bool
	}{{"4", true}, {"5", false}} {
		synctest.Test(t, func(t *testing.T) {
			w := newWorld(t, true)
			w.AddDead(t, deadLetters()...)
			got := w.ops(t.Context(), "", onStack("dead", "show", "--limit", tc.limit)...)
			if shown := strings.Count(got.out, "Was message"); fmt.Sprint(shown) != tc.limit || strings.Contains(got.err, "--limit shows more") != tc.more {
				t.Errorf("limit %s: %d shown, %q", tc.limit, shown, got.err)
			}
		})
	}
}
