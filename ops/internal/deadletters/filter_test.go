package deadletters_test

import (
	"errors"
	"testing"
	"time"

	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/shared/deadletter"
	"helpcrunch-mark-read/shared/mark"
)

func TestFilter(t *testing.T) {
	died := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	deadLetter := &deadletters.DeadLetter{
		ID: "l1", Group: "7", DeadLetteredAt: died, Mark: mark.Mark{ID: 7, Reader: mark.Agent},
		Reason: deadletter.Reason{
			Outcome: "chat_not_found", Codes: []string{"invalid_request", "not_fount"}, Source: deadletter.Source{MessageID: "m1"},
		},
	}
	noMark := &deadletters.DeadLetter{ID: "l2", Group: "8", DeadLetteredAt: died, Reason: deadletter.Reason{Outcome: "none"}, Fault: errors.New("invalid")}
	for _, tc := range []struct {
		name       string
		filter     deadletters.Filter
		deadLetter *deadletters.DeadLetter
		want       bool
	}{
		{"empty", deadletters.Filter{}, deadLetter, true},
		{"outcome", deadletters.Filter{Outcomes: []string{"timed_out", "chat_not_found"}}, deadLetter, true},
		{"another outcome", deadletters.Filter{Outcomes: []string{"timed_out"}}, deadLetter, false},
		{"no outcome", deadletters.Filter{Outcomes: []string{"none"}}, noMark, true},
		{"one of its codes", deadletters.Filter{Codes: []string{"not_fount"}}, deadLetter, true},
		{"a part of a code", deadletters.Filter{Codes: []string{"not"}}, deadLetter, false},
		{"a code, but the dead letter has none", deadletters.Filter{Codes: []string{"not_fount"}}, noMark, false},
		{"chat", deadletters.Filter{Chats: []int64{6, 7}}, deadLetter, true},
		{"another chat", deadletters.Filter{Chats: []int64{70}}, deadLetter, false},
		{"chat of an invalid body, by its group", deadletters.Filter{Chats: []int64{8}}, noMark, true},
		{"its id", deadletters.Filter{IDs: []string{"l1"}}, deadLetter, true},
		{"the original's id", deadletters.Filter{IDs: []string{"m1"}}, deadLetter, true},
		{"another id", deadletters.Filter{IDs: []string{"m"}}, deadLetter, false},
		{"after that very time", deadletters.Filter{After: died}, deadLetter, true},
		{"after a later time", deadletters.Filter{After: died.Add(1)}, deadLetter, false},
		{"before that very time", deadletters.Filter{Before: died}, deadLetter, false},
		{"before a later time", deadletters.Filter{Before: died.Add(1)}, deadLetter, true},
		{"one of two conditions", deadletters.Filter{Chats: []int64{7}, Before: died}, deadLetter, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.filter.Match(tc.deadLetter); got != tc.want {
				t.Errorf("Match = %t, want %t", got, tc.want)
			}
		})
	}
}
