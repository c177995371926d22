package deadletters_test

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	localsqs "helpcrunch-mark-read/local/sqs"
	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/ops/internal/opstest"
	"helpcrunch-mark-read/shared/mark"
)

// deadLettersOf makes the given number of dead letters of each chat, one of each chat after the other.
func deadLettersOf(counts map[int64]int) []opstest.DeadLetter {
	var deadLetters []opstest.DeadLetter
	for round := 0; ; round++ {
		before := len(deadLetters)
		for chat := int64(1); chat <= int64(len(counts)); chat++ {
			if round < counts[chat] {
				deadLetters = append(deadLetters, opstest.DeadLetter{Number: len(deadLetters) + 1, Mark: mark.Mark{ID: chat, Reader: mark.Agent, Read: true}, Outcome: "chat_not_found", Codes: "not_fount"})
			}
		}
		if len(deadLetters) == before {
			return deadLetters
		}
	}
}

func list(ctx context.Context, box *deadletters.Box) (deadletters.Summary, deadletters.Unseen, error) {
	return deadletters.List(ctx, box, deadletters.Filter{})
}

type count struct{ Visible, InFlight int }

func counts(t *testing.T, q *opstest.Queues, url string) (n count) {
	t.Helper()
	for _, m := range q.Messages(t, url) {
		if m.InFlight {
			n.InFlight++
		} else {
			n.Visible++
		}
	}
	return n
}

func TestListShowsWhatSQSGivesOut(t *testing.T) {
	for _, tc := range []struct {
		name        string
		fifo        bool
		deadLetters map[int64]int // by chat, from 1 on
		seen        int
		behind      int
		chats       []string
	}{
		{"an empty queue", true, nil, 0, 0, nil},
		{"a dead letter of each of many chats", true, chats(40, 1), 40, 0, nil},
		{"chats that share a receive are shown in full", true, map[int64]int{1: 8, 2: 8, 3: 3}, 19, 0, nil},
		{"exactly ten of a chat", true, map[int64]int{1: 10, 2: 10}, 20, 0, nil},
		{"more than ten of a chat", true, map[int64]int{1: 3, 2: 25, 3: 11}, 23, 16, []string{"2", "3"}},
		{"more than ten of a chat on a standard queue", false, map[int64]int{1: 25}, 25, 0, nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := opstest.New(t, tc.fifo)
				q.AddDead(t, deadLettersOf(tc.deadLetters)...)
				before := bodies(t, q)
				box := deadletters.Open(t.Context(), q.Client, q.Dead)
				summary, unseen, err := list(t.Context(), box)
				if left := box.Close(t.Context()); left != 0 {
					t.Errorf("%d dead letters were not put back", left)
				}
				if err != nil || summary.Count != tc.seen || unseen.Behind != tc.behind || !slices.Equal(unseen.Chats, tc.chats) || unseen.Elsewhere != 0 {
					t.Errorf("%d dead letters, %+v, %v; want %d, %d behind %v", summary.Count, unseen, err, tc.seen, tc.behind, tc.chats)
				}
				if n := counts(t, q, q.Dead); n.InFlight != 0 || !slices.Equal(bodies(t, q), before) {
					t.Errorf("after looking: %+v, dead letters %v, want %v", n, bodies(t, q), before)
				}
			})
		})
	}
}

func chats(n int64, deadLetters int) map[int64]int {
	m := map[int64]int{}
	for chat := range n {
		m[chat+1] = deadLetters
	}
	return m
}

func bodies(t *testing.T, q *opstest.Queues) []int {
	var numbers []int
	for _, m := range q.Messages(t, q.Dead) {
		numbers = append(numbers, opstest.Number(m))
	}
	slices.Sort(numbers)
	return numbers
}

func TestDeadLettersStayOutWhileTheCommandWorks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := opstest.New(t, true)
		q.AddDead(t, deadLettersOf(chats(25, 1))...)
		box := deadletters.Open(t.Context(), q.Client, q.Dead)
		if _, _, err := list(t.Context(), box); err != nil {
			t.Fatal(err)
		}
		for range 100 {
			time.Sleep(deadletters.Visibility / 7)
			if n := counts(t, q, q.Dead); n.InFlight != 25 {
				t.Fatalf("%+v, want all dead letters out", n)
			}
		}
		box.Close(t.Context())
		if n := counts(t, q, q.Dead); n.Visible != 25 {
			t.Errorf("%+v, want all dead letters back", n)
		}
	})
}

// A command that is stopped puts back what is out; one that can't, because it was killed, leaves it to the visibility timeout.
func TestDeadLettersComeBack(t *testing.T) {
	for n := int64(1); n <= 8; n++ {
		t.Run(fmt.Sprint("stopped at call ", n), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := opstest.New(t, true)
				q.AddDead(t, deadLettersOf(chats(35, 1))...)
				ctx, stop := context.WithCancel(t.Context())
				calls := int64(0)
				q.Server.SetFault(func(c localsqs.Call) error {
					if c.Entry == "" {
						if calls++; calls == n {
							stop()
						}
					}
					return nil
				})
				box := deadletters.Open(ctx, q.Client, q.Dead)
				_, _, err := list(ctx, box)
				q.Server.SetFault(nil)
				left := box.Close(ctx)
				if got := counts(t, q, q.Dead); left != 0 || got.Visible != 35 {
					t.Errorf("after %v: %+v, and %d not put back", err, got, left)
				}
			})
		})
	}
	t.Run("killed", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			q := opstest.New(t, true)
			q.AddDead(t, deadLettersOf(chats(35, 1))...)
			box := deadletters.Open(t.Context(), q.Client, q.Dead)
			if _, _, err := list(t.Context(), box); err != nil {
				t.Fatal(err)
			}
			failAt(q, 1, killed)
			if left := box.Close(t.Context()); left != 35 {
				t.Errorf("%d dead letters are said to be left out, want 35", left)
			}
			q.Server.SetFault(nil)
			other := deadletters.Open(t.Context(), q.Client, q.Dead)
			_, unseen, err := list(t.Context(), other)
			other.Close(t.Context())
			if err != nil || unseen.Elsewhere != 35 {
				t.Errorf("meanwhile: %+v, %v, want 35 dead letters elsewhere", unseen, err)
			}
			time.Sleep(deadletters.Visibility)
			if got := counts(t, q, q.Dead); got.Visible != 35 {
				t.Errorf("%+v, want all dead letters back", got)
			}
		})
	})
}
