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

var errPanic = errors.New("the function panicked over this message")

// maxInFlight is how many calls are in flight at most. Sockets are few: HelpCrunch's, AWS's and Lambda's own together must
// stay below 64.
const maxInFlight = 48

// run attempts every job that is a mark. The calls start in the order of the jobs, each when the gate lets it; as many are
// in flight as slow answers need.
func (h *Handler) run(ctx context.Context, jobs []*job) {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithDeadline(ctx, deadline.Add(-reserve))
		defer cancel()
	}
	var all sync.WaitGroup
	inFlight := make(chan struct{}, maxInFlight)
	begun := make(chan struct{}, 1)
	for _, j := range jobs {
		if j.wanted.ID == 0 {
			continue
		}
		inFlight <- struct{}{}
		all.Go(func() {
			defer func() { <-inFlight }()
			gate := &ordered{Gate: h.Pacer, begun: begun}
			defer gate.begin()
			h.attempt(ctx, j, gate)
		})
		<-begun
	}
	all.Wait()
}

// ordered is one job's gate, which signals that the job's first call starts: then the next job may come to the gate.
type ordered struct {
	attempt.Gate
	begun    chan<- struct{}
	signaled bool
}

func (o *ordered) Enter(ctx context.Context, need time.Duration) error {
	err := o.Gate.Enter(ctx, need)
	if err == nil {
		o.begin()
	}
	return err
}

// begin signals once that the job's first call starts, or that there is none.
func (o *ordered) begin() {
	if !o.signaled {
		o.signaled = true
		o.begun <- struct{}{}
	}
}

// attempt makes the job's mark. A panic is this job's outcome and no other's.
func (h *Handler) attempt(ctx context.Context, j *job, gate attempt.Gate) {
	started := time.Now()
	defer func() {
		j.duration = time.Since(started)
		if p := recover(); p != nil {
			// The panic's value is not logged: it may quote anything.
			h.Log.ErrorContext(ctx, "panic", "messageId", j.newest().id, "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
			j.result.Verdict, j.refusal = outcome.Decide(outcome.Evidence{Err: errPanic}), nil
		}
	}()
	j.result, j.refusal = h.Attempts.Do(ctx, j.wanted, gate)
	switch {
	case j.refusal == nil:
	case j.result.Calls > 0 && j.result.Outcome == outcome.RateLimited:
		j.refusal = nil // the 429 that could not be waited out was an attempt
	default:
		j.result.Verdict = outcome.Decide(outcome.Evidence{Err: j.refusal})
	}
}
