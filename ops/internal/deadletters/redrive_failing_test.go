package deadletters_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	localsqs "helpcrunch-mark-read/local/sqs"
	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/ops/internal/opstest"
	"helpcrunch-mark-read/shared/mark"
)

// someDeadLetters are dead letters of five chats: one with more dead letters than can be out at once, one with both readers, one
// whose dead letters are not all chosen, and two with a dead letter each, one of which is invalid.
func someDeadLetters() []opstest.DeadLetter {
	var deadLetters []opstest.DeadLetter
	add := func(outcome string, m mark.Mark, body string) {
		deadLetters = append(deadLetters, opstest.DeadLetter{Number: len(deadLetters) + 1, Mark: m, Body: body, Outcome: outcome})
	}
	for i := range 11 {
		add("unavailable", mark.Mark{ID: 100, Reader: mark.Agent, Read: i%2 == 0}, "")
		if i < 3 {
			add("unavailable", mark.Mark{ID: 200, Reader: []mark.Reader{mark.Agent, mark.Customer}[i%2], Read: i < 2}, "")
			add([]string{"unavailable", "chat_not_found"}[i%2], mark.Mark{ID: 300, Reader: mark.Agent, Read: i < 2}, "")
		}
	}
	add("unavailable", mark.Mark{ID: 400, Reader: mark.Customer}, "")
	add("unavailable", mark.Mark{ID: 500}, "invalid")
	return deadLetters
}

func chosen(l opstest.DeadLetter) bool { return l.Outcome == "unavailable" }

// target is what a dead letter is about: marks of one target must not overtake each other.
func target(l opstest.DeadLetter) string {
	if l.Body != "" {
		return fmt.Sprint("invalid ", l.Number)
	}
	return fmt.Sprint(l.Mark.ID, l.Mark.Reader)
}

func redrive(ctx context.Context, q *opstest.Queues, all bool) (deadletters.Redriven, error) {
	box := deadletters.Open(ctx, q.Client, q.Dead)
	defer box.Close(ctx)
	r := deadletters.Redrive{
		SQS: q.Client, QueueURL: q.Marks, Box: box, All: all,
		Filter: deadletters.Filter{Outcomes: []string{"unavailable"}},
	}
	return r.Run(ctx)
}

// failure is what happens at the nth step.
type failure string

const (
	killed  failure = "killed"           // from then on nothing of the command reaches SQS
	lost    failure = "answer lost"      // the same, but SQS has done the nth call
	once    failure = "one call fails"   // SQS refuses one call
	refused failure = "an entry fails"   // SQS refuses one entry of a batch, for good
	busy    failure = "an entry is late" // SQS refuses one entry of a batch, but would take it again
)

// failAt lets the nth step fail: the nth call, or the nth entry of a batch that sends or deletes. It returns whether the
// step was ever reached.
func failAt(q *opstest.Queues, n int64, f failure) (reached func() bool) {
	var steps atomic.Int64
	entries := f == refused || f == busy
	q.Server.SetFault(func(c localsqs.Call) error {
		if (c.Entry != "") != entries || entries && c.Action == "ChangeMessageVisibilityBatch" {
			return nil
		}
		i := steps.Add(1)
		switch {
		case i < n, i > n && f != killed && f != lost:
			return nil
		case i == n && f == lost:
			return localsqs.ErrLoseAnswer
		case f == refused:
			return &localsqs.Error{Status: 400, Type: "InvalidParameterValue", Code: "InvalidParameterValue", Message: "refused"}
		}
		return localsqs.Internal()
	})
	return func() bool { return steps.Load() >= n }
}

// The command is run again within SQS's five minutes of deduplication, or after them; in any case when the dead letters that
// it had out are back.
const (
	soon = 3 * time.Minute
	late = 10 * time.Minute
)

func TestRedriveFailingAtEveryStepLosesNothing(t *testing.T) {
	for _, tc := range []struct {
		name      string
		fifo, all bool
		failure   failure
		pause     time.Duration // before the command is run again
	}{
		{"FIFO, merged", true, false, killed, soon},
		{"FIFO, merged", true, false, killed, late},
		{"FIFO, merged", true, false, lost, late},
		{"FIFO, merged", true, false, refused, late},
		{"FIFO, all", true, true, busy, soon},
		{"FIFO, all", true, true, killed, soon},
		{"FIFO, all", true, true, lost, late},
		{"FIFO, all", true, true, once, late},
		{"FIFO, all", true, true, refused, late},
		{"standard", false, true, killed, soon},
		{"standard", false, true, lost, late},
		{"standard", false, true, refused, late},
	} {
		t.Run(fmt.Sprint(tc.name, ", ", tc.failure, ", again after ", tc.pause), func(t *testing.T) {
			t.Parallel()
			for n, reached := int64(1), true; reached; n++ {
				synctest.Test(t, func(t *testing.T) {
					q := opstest.New(t, tc.fifo)
					deadLetters := someDeadLetters()
					addDeadApart(t, q, deadLetters)
					hit := failAt(q, n, tc.failure)
					_, _ = redrive(t.Context(), q, tc.all)
					reached = hit()
					q.Server.SetFault(nil)
					nothingLost(t, q, deadLetters, n, tc.all)

					time.Sleep(tc.pause) // in the bubble: the dead letters that were out come back
					done, err := redrive(t.Context(), q, tc.all)
					if err != nil || len(done.Failed) > 0 {
						t.Fatalf("failing at step %d: the second run: %v, %v", n, err, done.Failed)
					}
					finished(t, q, deadLetters, n, tc.all, tc.fifo && tc.pause == soon)
				})
				if t.Failed() || n > 1000 {
					t.Fatalf("gave up at step %d", n)
				}
			}
		})
	}
}

// addDeadApart adds a dead letter to a standard queue every millisecond, so that there is an old order.
func addDeadApart(t *testing.T, q *opstest.Queues, deadLetters []opstest.DeadLetter) {
	if strings.HasSuffix(q.Dead, ".fifo") {
		q.AddDead(t, deadLetters...)
		return
	}
	for _, l := range deadLetters {
		l.Sent = time.Now()
		q.AddDead(t, l)
		time.Sleep(time.Millisecond)
	}
}

// nothingLost holds right after the failure: each dead letter lies in one of the queues, or a later mark for its target does.
func nothingLost(t *testing.T, q *opstest.Queues, deadLetters []opstest.DeadLetter, n int64, all bool) {
	t.Helper()
	there := map[int]bool{}
	for _, url := range []string{q.Marks, q.Dead} {
		for _, m := range q.Messages(t, url) {
			there[opstest.Number(m)] = true
		}
	}
	for _, l := range deadLetters {
		if there[l.Number] {
			continue
		}
		newer := false
		for _, other := range deadLetters {
			newer = newer || other.Number > l.Number && target(other) == target(l) && chosen(other) && there[other.Number]
		}
		if all || !newer || !chosen(l) {
			t.Errorf("failing at step %d: dead letter %d is lost", n, l.Number)
		}
	}
}

// finished holds after the second run: on the queue is what was chosen, in its old order, and the rest lies where it was.
func finished(t *testing.T, q *opstest.Queues, deadLetters []opstest.DeadLetter, n int64, all, once bool) {
	t.Helper()
	var dead, wantDead []int
	for _, m := range q.Messages(t, q.Dead) {
		dead = append(dead, opstest.Number(m))
	}
	newest := map[string]int{}
	for _, l := range deadLetters {
		if !chosen(l) {
			wantDead = append(wantDead, l.Number)
		} else {
			newest[target(l)] = l.Number
		}
	}
	if fmt.Sprint(dead) != fmt.Sprint(wantDead) {
		t.Errorf("failing at step %d: dead letters %v, want %v", n, dead, wantDead)
	}
	count, last := map[int]int{}, map[string]int{}
	for _, m := range q.Messages(t, q.Marks) {
		number := opstest.Number(m)
		l := deadLetters[number-1]
		count[number]++
		last[target(l)] = number
		if len(m.Attributes) != 2 || m.Body != bodyOf(l) || m.GroupID != "" && m.GroupID != fmt.Sprint(l.Mark.ID) {
			t.Errorf("failing at step %d: message %d came back as %+v", n, number, m)
		}
	}
	for _, l := range deadLetters {
		if !chosen(l) {
			continue
		}
		if last[target(l)] != newest[target(l)] {
			t.Errorf("failing at step %d: of %s the last on the queue is %d, want the latest mark, %d", n, target(l), last[target(l)], newest[target(l)])
		}
		if all && count[l.Number] == 0 || once && count[l.Number] > 1 || count[l.Number] > 2 {
			t.Errorf("failing at step %d: dead letter %d is on the queue %d times", n, l.Number, count[l.Number])
		}
	}
}

func bodyOf(l opstest.DeadLetter) string {
	if l.Body != "" {
		return l.Body
	}
	return l.Mark.Message()
}
