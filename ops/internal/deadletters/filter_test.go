package deadletters_test

import (
	"errors"
	"testing"
	"time"

	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/shared/mark"
)

func TestFilter(t *testing.T) {
	died := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	letter := &deadletters.Letter{
		ID: "l1", Group: "7", Died: died, Outcome: "chat_not_found", Codes: []string{"invalid_request", "not_fount"},
		Source: deadletters.Source{MessageID: "m1"}, Mark: mark.Mark{ID: 7, Reader: mark.Agent},
	}
	noMark := &deadletters.Letter{ID: "l2", Group: "8", Died: died, Outcome: "none", Fault: errors.New("no mark")}
	for _, tc := range []struct {
		name   string
		filter deadletters.Filter
		letter *deadletters.Letter
		want   bool
	}{
		{"empty", deadletters.Filter{}, letter, true},
		{"outcome", deadletters.Filter{Outcomes: []string{"timed_out", "chat_not_found"}}, letter, true},
		{"another outcome", deadletters.Filter{Outcomes: []string{"timed_out"}}, letter, false},
		{"no outcome", deadletters.Filter{Outcomes: []string{"none"}}, noMark, true},
		{"one of its codes", deadletters.Filter{Codes: []string{"not_fount"}}, letter, true},
		{"a part of a code", deadletters.Filter{Codes: []string{"not"}}, letter, false},
		{"a code, but the letter has none", deadletters.Filter{Codes: []string{"not_fount"}}, noMark, false},
		{"chat", deadletters.Filter{Chats: []int64{6, 7}}, letter, true},
		{"another chat", deadletters.Filter{Chats: []int64{70}}, letter, false},
		{"chat by the group of what is no mark", deadletters.Filter{Chats: []int64{8}}, noMark, true},
		{"its id", deadletters.Filter{IDs: []string{"l1"}}, letter, true},
		{"the original's id", deadletters.Filter{IDs: []string{"m1"}}, letter, true},
		{"another id", deadletters.Filter{IDs: []string{"m"}}, letter, false},
		{"after that very time", deadletters.Filter{After: died}, letter, true},
		{"after a later time", deadletters.Filter{After: died.Add(1)}, letter, false},
		{"before that very time", deadletters.Filter{Before: died}, letter, false},
		{"before a later time", deadletters.Filter{Before: died.Add(1)}, letter, true},
		{"one of two conditions", deadletters.Filter{Chats: []int64{7}, Before: died}, letter, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := tc.filter.Match(tc.letter); got != tc.want {
				t.Errorf("Match = %t, want %t", got, tc.want)
			}
		})
	}
}
