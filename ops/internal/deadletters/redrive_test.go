package deadletters_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/ops/internal/opstest"
	"helpcrunch-mark-read/shared/mark"
)

func TestRedrive(t *testing.T) {
	agent := func(n int, chat int64, outcome string) opstest.DeadLetter {
		return opstest.DeadLetter{Number: n, Mark: mark.Mark{ID: chat, Reader: mark.Agent, Read: true}, Outcome: outcome}
	}
	customer := func(n int, chat int64) opstest.DeadLetter {
		return opstest.DeadLetter{Number: n, Mark: mark.Mark{ID: chat, Reader: mark.Customer}, Outcome: "timed_out"}
	}
	deadLetters := []opstest.DeadLetter{
		agent(1, 7, "timed_out"), agent(2, 8, "timed_out"), customer(3, 7), agent(4, 7, "chat_not_found"),
		agent(5, 7, "timed_out"), customer(6, 7), agent(7, 9, "chat_not_found"), agent(8, 8, "timed_out"),
		{Number: 9, Mark: mark.Mark{ID: 10}, Body: "invalid", Outcome: "timed_out"},
	}
	timedOut := deadletters.Filter{Outcomes: []string{"timed_out"}}
	for _, tc := range []struct {
		name         string
		fifo, all    bool
		dryRun       bool
		filter       deadletters.Filter
		queue, stays []int
		chosen, sent int
		merged       int
	}{
		{"the latest mark of each chat and reader", true, false, false, timedOut, []int{5, 6, 8, 9}, []int{4, 7}, 7, 4, 3},
		{"all", true, true, false, timedOut, []int{1, 2, 3, 5, 6, 8, 9}, []int{4, 7}, 7, 7, 0},
		{"a dry run", true, false, true, timedOut, nil, []int{1, 2, 3, 4, 5, 6, 7, 8, 9}, 7, 4, 3},
		{"nothing chosen", true, false, false, deadletters.Filter{Chats: []int64{11}}, nil, []int{1, 2, 3, 4, 5, 6, 7, 8, 9}, 0, 0, 0},
		{"one chat", true, false, false, deadletters.Filter{Chats: []int64{8}}, []int{8}, []int{1, 3, 4, 5, 6, 7, 9}, 2, 1, 1},
		{"a standard queue never merges", false, false, false, timedOut, []int{1, 2, 3, 5, 6, 8, 9}, []int{4, 7}, 7, 7, 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := opstest.New(t, tc.fifo)
				addDeadApart(t, q, deadLetters)
				box := deadletters.Open(t.Context(), q.Client, q.Dead)
				r := deadletters.Redrive{SQS: q.Client, QueueURL: q.Marks, Box: box, Filter: tc.filter, All: tc.all, DryRun: tc.dryRun}
				done, err := r.Run(t.Context())
				box.Close(t.Context())
				if err != nil || done.Chosen != tc.chosen || done.Sent != tc.sent || done.Merged != tc.merged || len(done.Failed) > 0 {
					t.Errorf("%+v, %v; want %d chosen, %d sent, %d merged", done, err, tc.chosen, tc.sent, tc.merged)
				}
				var queue []int
				for _, m := range q.Messages(t, q.Marks) {
					queue = append(queue, opstest.Number(m))
				}
				if sorted := slices.Sorted(slices.Values(queue)); !slices.Equal(sorted, tc.queue) {
					t.Errorf("on the queue are %v, want %v", queue, tc.queue)
				}
				if got := bodies(t, q); !slices.Equal(got, tc.stays) || counts(t, q, q.Dead).InFlight != 0 {
					t.Errorf("dead letters %v, want %v, all visible", got, tc.stays)
				}
			})
		})
	}
}

// A standard queue returns its dead letters in any order; what counts is when the marks were first sent.
func TestRedriveOfAStandardQueueKeepsTheOldOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := opstest.New(t, false)
		start := time.Now()
		for i, minute := range []int{5, 3, 9, 1, 7, 2, 8, 4, 6, 0} {
			q.AddDead(t, opstest.DeadLetter{Number: i, Mark: mark.Mark{ID: 1, Reader: mark.Agent, Read: true}, Outcome: "timed_out", Sent: start.Add(time.Duration(minute-20) * time.Minute)})
		}
		box := deadletters.Open(t.Context(), q.Client, q.Dead)
		defer box.Close(t.Context())
		r := deadletters.Redrive{SQS: q.Client, QueueURL: q.Marks, Box: box}
		if _, err := r.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		var got []int
		for _, m := range q.Messages(t, q.Marks) {
			got = append(got, opstest.Number(m))
		}
		if want := []int{9, 3, 5, 1, 7, 0, 8, 4, 6, 2}; !slices.Equal(got, want) {
			t.Errorf("order %v, want %v", got, want)
		}
	})
}

func TestRedriveKeepsTheRate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := opstest.New(t, true)
		q.AddDead(t, deadLettersOf(chats(61, 1))...)
		box := deadletters.Open(t.Context(), q.Client, q.Dead)
		defer box.Close(t.Context())
		r := deadletters.Redrive{SQS: q.Client, QueueURL: q.Marks, Box: box, PerMinute: 6}
		if _, err := r.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		sent := q.Messages(t, q.Marks)
		for i := 6; i < len(sent); i++ {
			if gap := sent[i].SentAt.Sub(sent[i-6].SentAt); gap < time.Minute-time.Millisecond {
				t.Fatalf("seven messages within %s", gap)
			}
		}
		if len(sent) != 61 {
			t.Errorf("%d messages were sent, want 61: dead letters must stay out for as long as it takes", len(sent))
		}
	})
}

// While the function works, a mark whose cause is not fixed is dead-lettered again at once. It must not go round for ever.
func TestAMarkThatFailsAgainIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := opstest.New(t, true)
		q.AddDead(t, deadLettersOf(map[int64]int{1: 12, 2: 1})...)
		ctx, stop := context.WithCancel(t.Context())
		defer stop()
		go q.FailAgain(ctx, t)
		box := deadletters.Open(t.Context(), q.Client, q.Dead)
		r := deadletters.Redrive{SQS: q.Client, QueueURL: q.Marks, Box: box, All: true}
		done, err := r.Run(t.Context())
		box.Close(t.Context())
		if err != nil || done.Chosen != 13 || done.Done != 13 || done.Again == 0 {
			t.Errorf("%+v, %v", done, err)
		}
		time.Sleep(time.Minute)
		if got := len(bodies(t, q)); got != 13 {
			t.Errorf("%d dead letters, want 13: each was dead-lettered again once", got)
		}
	})
}

// New dead letters may come for as long as the queue is looked at; looking ends all the same.
func TestAWalkEndsWhileDeadLettersKeepComing(t *testing.T) {
	for _, what := range []string{"list", "redrive"} {
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := opstest.New(t, true)
				q.AddDead(t, deadLettersOf(chats(5, 1))...)
				ctx, stop := context.WithCancel(t.Context())
				defer stop()
				go func() {
					for n := 1000; ctx.Err() == nil; n++ {
						q.AddDead(t, opstest.DeadLetter{Number: n, Mark: mark.Mark{ID: int64(n), Reader: mark.Agent}, Outcome: "unavailable"})
						select {
						case <-ctx.Done():
						case <-time.After(time.Second):
						}
					}
				}()
				start := time.Now()
				var err error
				if what == "redrive" {
					_, err = redrive(ctx, q, true)
				} else {
					box := deadletters.Open(ctx, q.Client, q.Dead)
					_, _, err = list(ctx, box)
					box.Close(ctx)
				}
				if took := time.Since(start); err != nil || took > time.Hour {
					t.Errorf("%v after %s", err, took)
				}
			})
		})
	}
}
