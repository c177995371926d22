package queue

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"time"

	"helpcrunch-mark-read/shared/attempt"
	"helpcrunch-mark-read/shared/outcome"
)

var errPanic = errors.New("the function panicked over this record")

// reserve is what every attempt leaves of the invocation's time, for the dead letters and the visibility timeouts.
const reserve = time.Second

// run attempts every job that is a mark. The calls start in the order of the jobs, each when the gate lets it; as many are
// in flight as slow answers need.
func (h *Handler) run(ctx context.Context, jobs []*job) {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-reserve))
		defer cancel()
	}
	var all sync.WaitGroup
	underWay := make(chan struct{}, 1)
	for _, j := range jobs {
		if j.wish.ID == 0 {
			continue
		}
		all.Go(func() {
			gate := &ordered{Gate: h.Pacer, underWay: underWay}
			defer gate.begin()
			h.attempt(ctx, j, gate)
		})
		<-underWay
	}
	all.Wait()
}

// ordered is one job's gate, with a word to who waits for the job's first call to start.
type ordered struct {
	attempt.Gate
	underWay chan<- struct{}
	begun    bool
}

func (o *ordered) Enter(ctx context.Context) error {
	err := o.Gate.Enter(ctx)
	if err == nil {
		o.begin()
	}
	return err
}

// begin says once that the job's first call starts, or that there is none.
func (o *ordered) begin() {
	if !o.begun {
		o.begun = true
		o.underWay <- struct{}{}
	}
}

// attempt makes the job's mark. After a 429 it tries on, as long as the gate lets it; it is the gate that waits.
// A panic is this job's outcome and no other's.
func (h *Handler) attempt(ctx context.Context, j *job, gate attempt.Gate) {
	started := time.Now()
	defer func() {
		j.duration = time.Since(started)
		if p := recover(); p != nil {
			// The panic's value is not told: it may quote anything.
			h.Log.ErrorContext(ctx, "panic", "messageId", j.newest().MessageId, "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			j.result.Verdict, j.called, j.fate = outcome.Decide(outcome.Evidence{Err: errPanic}), true, ""
		}
	}()
	for {
		result, err := h.Attempts.Do(ctx, j.wish, gate)
		result.Calls += j.result.Calls
		result.Upstream += j.result.Upstream
		turnedAway := err != nil || result.Outcome == outcome.RateLimited && result.Answer == nil
		if err != nil || turnedAway && j.called {
			j.result.Calls, j.result.Upstream = result.Calls, result.Upstream
			if !j.called { // otherwise after a 429, whose verdict stays
				j.fate = released
			}
			return
		}
		j.result, j.called = result, !turnedAway
		if turnedAway || result.Outcome != outcome.RateLimited {
			return
		}
	}
}
