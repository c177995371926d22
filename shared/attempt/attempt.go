// Package attempt makes one attempt to mark a chat: the key, the gate, the call, the verdict, and another call where the
// verdict asks for one.
package attempt

import (
	"cmp"
	"context"
	"time"

	"helpcrunch-mark-read/shared/helpcrunch"
	"helpcrunch-mark-read/shared/mark"
	"helpcrunch-mark-read/shared/outcome"
)

// Keys decides which API key to use; *apikey.Keys does.
type Keys interface {
	Key(ctx context.Context) (string, error)
	Confirm(ctx context.Context, key string) (string, error)
	Rejected(ctx context.Context, key string) (another string, ok bool)
	Forbidden(key string, chat int64) (rejected bool)
	Works(key string)
}

// HelpCrunch is the API; *helpcrunch.Client is it.
type HelpCrunch interface {
	Mark(ctx context.Context, key string, m mark.Mark) (*helpcrunch.Answer, error)
}

// Gate decides when HelpCrunch may be called; *pace.Pause and *pace.Pacer do.
type Gate interface {
	// Enter returns nil when a call may start now that needs so much of ctx's time. It refuses with a *pace.PausedError,
	// a *pace.TurnError or pace.ErrNoTime.
	Enter(ctx context.Context, need time.Duration) error
	// EnterExtra is Enter for a second call of the same mark, which does not wait for a turn.
	EnterExtra(ctx context.Context, need time.Duration) error
	Throttled(started time.Time, retryAfter time.Duration)
	Answered(started time.Time)
}

// Maker makes attempts. It is safe for concurrent use if its parts are.
type Maker struct {
	Keys          Keys
	HelpCrunch    HelpCrunch
	MaxCall       time.Duration // the longest that one call may take; 0: as long as there is time
	StartLate     bool          // start a call however little time is left for it
	RetryOnce     bool          // try once more when the verdict says that this may help
	WaitOut       bool          // try on after a 429; it is the gate that waits
	RestoreUnread bool          // set an overtaken mark's flag back to unread
}

// Result is how an attempt ended and what it took.
type Result struct {
	outcome.Verdict
	Calls      int           // calls that HelpCrunch saw
	Upstream   time.Duration // what they took
	Overtaken  bool          // a message newer than the mark's bound came from the other side
	NotApplied bool          // the last call's 2xx shows another flag than the one that was asked for
}

const (
	// callNeeds is the time that a call must have left to start, and boundedNeeds that of the first of a mark that may need a
	// restoring one. The handlers keep the rest of the promised 3 s and 6 s for themselves.
	callNeeds    = 2 * time.Second
	boundedNeeds = 5 * time.Second
	// beforeRetry is the wait before one more try, and retryNeeds the time that the try must have left.
	beforeRetry = 200 * time.Millisecond
	retryNeeds  = time.Second
)

// Do makes one attempt, which ends with ctx. Its only errors are the gate's refusals; the verdict is then that of the last
// call, and there is none when Calls is 0. Everything else is a verdict.
func (m *Maker) Do(ctx context.Context, wanted mark.Mark, gate Gate) (Result, error) {
	var r Result
	key, err := m.Keys.Key(ctx)
	if err != nil {
		r.Verdict = outcome.Decide(outcome.Evidence{Err: err})
		return r, nil
	}
	need := m.need(wanted)
	rotated, retried := false, false
	for {
		if err := gate.Enter(ctx, need); err != nil {
			return r, err
		}
		confirmed, err := m.Keys.Confirm(ctx, key) // it can have been rejected while this attempt waited
		switch {
		case err != nil:
			r.Verdict = outcome.Decide(outcome.Evidence{Err: err})
			return r, nil
		case confirmed != key:
			key = confirmed
			continue // fetching it took time, so the gate is asked again
		}
		m.call(ctx, key, wanted, gate, &r)
		switch {
		case r.Outcome == outcome.KeyRejected:
			another, ok := m.Keys.Rejected(ctx, key)
			if !ok || rotated {
				return r, nil
			}
			key, rotated = another, true
		case r.Outcome == outcome.RateLimited && m.WaitOut:
		case m.RetryOnce && r.Verdict.RetryOnce && !retried && pauseFits(ctx, beforeRetry+r.RetryAfter, max(need, retryNeeds)):
			retried = true
		case r.Overtaken && m.RestoreUnread:
			m.restore(ctx, key, wanted, gate, &r)
			return r, nil
		default:
			return r, nil
		}
	}
}

// need is the time that a mark's first call must have left to start.
func (m *Maker) need(wanted mark.Mark) time.Duration {
	switch {
	case m.RestoreUnread && wanted.Read && wanted.AsOf.Set:
		return boundedNeeds
	case m.StartLate:
		return 0
	}
	return callNeeds
}

// restore sets an overtaken mark's flag back. Whatever keeps it from doing so is the attempt's verdict: the next attempt
// makes both calls again.
func (m *Maker) restore(ctx context.Context, key string, overtaken mark.Mark, gate Gate, r *Result) {
	err := gate.EnterExtra(ctx, callNeeds)
	for confirmed := ""; err == nil && confirmed != key; {
		key = cmp.Or(confirmed, key)
		confirmed, err = m.Keys.Confirm(ctx, key)
	}
	if err != nil {
		r.Verdict = outcome.Decide(outcome.Evidence{Err: err})
		return
	}
	overtaken.Read = false
	m.call(ctx, key, overtaken, gate, r)
	if r.Outcome == outcome.KeyRejected {
		m.Keys.Rejected(ctx, key)
	}
}

// call makes one call and puts its verdict into r.
func (m *Maker) call(ctx context.Context, key string, wanted mark.Mark, gate Gate, r *Result) {
	if m.MaxCall > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, m.MaxCall)
		defer cancel()
	}
	started := time.Now()
	answer, err := m.HelpCrunch.Mark(ctx, key, wanted)
	r.Calls++
	r.Upstream += time.Since(started)
	forbidden := answer != nil && answer.Status == 403 && !answer.HTML() && m.Keys.Forbidden(key, wanted.ID)
	r.Verdict = outcome.Decide(outcome.Evidence{Answer: answer, Forbidden: forbidden, Err: err})
	switch {
	case r.Outcome == outcome.RateLimited:
		gate.Throttled(started, r.RetryAfter)
	case answer != nil:
		gate.Answered(started)
	}
	if r.KeyWorks {
		m.Keys.Works(key)
	}
	r.NotApplied = false
	if r.Outcome == outcome.Applied {
		read, known := answer.Flag(wanted.Reader)
		r.NotApplied = known && read != wanted.Read
		r.Overtaken = r.Overtaken || wanted.Read && wanted.AsOf.Set && answer.Newer(wanted.Reader, wanted.AsOf.Seconds)
	}
}

// pauseFits waits before one more try, if there is time for the wait and for what the try needs.
func pauseFits(ctx context.Context, pause, need time.Duration) bool {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < pause+need {
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
