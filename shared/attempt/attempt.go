// Package attempt makes one attempt to mark a chat: the key, the gate, the call, the verdict, and another key or one more
// try where the verdict asks for it.
package attempt

import (
	"context"
	"errors"
	"time"

	"helpcrunch-mark-read/shared/helpcrunch"
	"helpcrunch-mark-read/shared/mark"
	"helpcrunch-mark-read/shared/outcome"
	"helpcrunch-mark-read/shared/pace"
)

// Keys says which API key to use; *apikey.Keys does.
type Keys interface {
	Key(ctx context.Context) (string, error)
	Confirm(ctx context.Context, key string) (string, error)
	Rejected(ctx context.Context, key string) (another string, ok bool)
	Works(key string)
}

// HelpCrunch is the API; *helpcrunch.Client is it.
type HelpCrunch interface {
	Mark(ctx context.Context, key string, m mark.Mark) (*helpcrunch.Answer, error)
}

// Gate decides when HelpCrunch may be called; *pace.Pause and *pace.Pacer do.
type Gate interface {
	// Enter gives nil when a call may start now. It refuses with a *pace.PausedError or with pace.ErrNoTime.
	Enter(ctx context.Context) error
	Throttled(started time.Time, retryAfter time.Duration)
	Answered(started time.Time)
}

// Maker makes attempts. It is safe for concurrent use if its parts are.
type Maker struct {
	Keys       Keys
	HelpCrunch HelpCrunch
	MaxCall    time.Duration // the longest that one call may take; 0: as long as there is time
	OneMoreTry bool          // try once more when the verdict says that this may help
}

// Result is what an attempt came to and what it took.
type Result struct {
	outcome.Verdict
	Calls    int           // calls that HelpCrunch saw
	Upstream time.Duration // what they took
}

// Before one more try HelpCrunch gets breath time, and the try needs tryTime.
const (
	breath  = 200 * time.Millisecond
	tryTime = time.Second
)

// Do makes one attempt, which ends with ctx. Its only error is pace.ErrNoTime, when the gate let no call start for want of
// time; everything else is a verdict. At most three calls are made: with a key, with another one, and one more try.
func (m *Maker) Do(ctx context.Context, wish mark.Mark, gate Gate) (Result, error) {
	var r Result
	key, err := m.Keys.Key(ctx)
	if err != nil {
		r.Verdict = outcome.Decide(outcome.Evidence{Err: err})
		return r, nil
	}
	rotated, retried := false, false
	for {
		if key, err = m.call(ctx, key, wish, gate, &r); err != nil {
			return r, err
		}
		switch {
		case r.Outcome == outcome.KeyRejected && r.Answer != nil:
			another, ok := m.Keys.Rejected(ctx, key)
			if !ok || rotated {
				return r, nil
			}
			key, rotated = another, true
		case m.OneMoreTry && r.Transient && !retried && pauseFits(ctx, breath+r.RetryAfter):
			retried = true
		default:
			return r, nil
		}
	}
}

// call makes one call through the gate and puts its verdict into r. It gives the key that the call was made with.
func (m *Maker) call(ctx context.Context, key string, wish mark.Mark, gate Gate, r *Result) (string, error) {
	key, err := m.enter(ctx, key, gate)
	if errors.Is(err, pace.ErrNoTime) {
		return key, err
	}
	if err != nil {
		r.Verdict = outcome.Decide(outcome.Evidence{Err: err})
		return key, nil
	}
	if m.MaxCall > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, m.MaxCall)
		defer cancel()
	}
	started := time.Now()
	answer, err := m.HelpCrunch.Mark(ctx, key, wish)
	r.Calls++
	r.Upstream += time.Since(started)
	r.Verdict = outcome.Decide(outcome.Evidence{Answer: answer, Err: err})
	switch {
	case r.Outcome == outcome.RateLimited:
		gate.Throttled(started, r.RetryAfter)
	case answer != nil:
		gate.Answered(started)
	}
	if r.KeyWorks {
		m.Keys.Works(key)
	}
	return key, nil
}

// enter waits at the gate and gives the key to call with: while the gate was closed, somebody else's call may have had this
// one rejected. To find another takes time, so that with it the gate is asked again.
func (m *Maker) enter(ctx context.Context, key string, gate Gate) (string, error) {
	for {
		if err := gate.Enter(ctx); err != nil {
			return key, err
		}
		confirmed, err := m.Keys.Confirm(ctx, key)
		if err != nil || confirmed == key {
			return key, err
		}
		key = confirmed
	}
}

// pauseFits waits before one more try, if there is time for the pause and the try.
func pauseFits(ctx context.Context, pause time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < pause+tryTime {
		return false
	}
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
