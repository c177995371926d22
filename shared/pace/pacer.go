package pace

import (
	"context"
	"sync"
	"time"
)

const (
	// minute is what the calls of one minute are spread over. The half second is slack for the network: a call that
	// starts later can arrive faster, and 60 s at HelpCrunch must never hold more than were sent in 60 s here.
	minute = 60*time.Second + 500*time.Millisecond
	// lateness is how far a call may fall behind its turn without moving the turns after it: a timer's own imprecision.
	lateness = 5 * time.Millisecond
	// maxExtra is how many turns ahead extra calls can move the next one; it exceeds the calls in flight.
	maxExtra = 64
)

// Pacer is the rate limit of one execution environment: a gate that lets calls through one by one, evenly spread, in the
// order in which they come, and none during a pause. It is safe for concurrent use.
type Pacer struct {
	interval time.Duration
	line     chan struct{} // held by the one call that is next; Go's channels queue the others in order

	mu       sync.Mutex
	next     time.Time // the next free turn
	until    time.Time // the end of the pause
	pausedAt time.Time // when the pause began
	streak   int       // 429s without Retry-After in a row, one a pause
}

// NewPacer returns the gate of one of so many environments that share so many requests a minute evenly. A part of a request
// is left unused: an environment with 33.3 a minute would send 34 in some minutes, and all of them together too many. Only
// where there are more environments than requests can their calls still fall into one minute.
func NewPacer(requestsPerMinute, environments int) *Pacer {
	interval := minute * time.Duration(environments) / time.Duration(requestsPerMinute)
	if part := requestsPerMinute / environments; part > 0 {
		interval = minute / time.Duration(part)
	}
	return &Pacer{interval: interval, line: make(chan struct{}, 1)}
}

// Enter blocks until the next free turn and takes it. A call must have the time it needs left of ctx's to start:
//   - When the turn comes after ctx's deadline, Enter returns a *TurnError at once.
//   - Otherwise what is too late is waited for all the same, until no call could start any more: that is the back-pressure
//     on the queue. After a pause that outlasts that time Enter returns a *PausedError, and else ErrNoTime.
func (p *Pacer) Enter(ctx context.Context, need time.Duration) error {
	select {
	case p.line <- struct{}{}:
		defer func() { <-p.line }()
	case <-ctx.Done():
		return p.refusal(now())
	}
	deadline := deadlineOf(ctx)
	last := deadline.Add(-need)
	for {
		now := now()
		turn, pause := p.earliest(now)
		switch {
		case now.After(last), turn.After(last) && !now.Before(last):
			return p.refusal(last)
		case !turn.After(now):
			p.take(now)
			return nil
		case turn.After(deadline) && !pause.After(last):
			return &TurnError{turn}
		case turn.After(last):
			turn = last
		}
		if !sleepUntil(ctx, turn) {
			return p.refusal(last)
		}
	}
}

// EnterExtra is for the second call of a mark, which is not to wait for a turn again: it waits out a pause only, and moves
// the next turn back by one.
func (p *Pacer) EnterExtra(ctx context.Context, need time.Duration) error {
	last := deadlineOf(ctx).Add(-need)
	for {
		now := now()
		_, pause := p.earliest(now)
		switch {
		case now.After(last), pause.After(last):
			return p.refusal(last)
		case !pause.After(now):
			p.take(now)
			return nil
		}
		if !sleepUntil(ctx, pause) {
			return p.refusal(last)
		}
	}
}

// Throttled begins a pause of retryAfter, an hour at most, or, when HelpCrunch named no time, of 1 s, doubling with every
// pause in a row to 60 s. A 429 for a call that started before the pause began belongs to that same pause.
func (p *Pacer) Throttled(started time.Time, retryAfter time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := now()
	samePause := started.Before(ahead(p.pausedAt, now, 0))
	if retryAfter <= 0 {
		if samePause {
			return
		}
		retryAfter = min(firstPause<<min(p.streak, 10), longestBackoff)
		p.streak++
	}
	if until := now.Add(min(retryAfter, longestPause)); until.After(ahead(p.until, now, longestPause)) {
		p.until = until
	}
	if !samePause {
		p.pausedAt = now
	}
}

// Answered ends a row of 429s: HelpCrunch answered a call that started after the last pause began.
func (p *Pacer) Answered(started time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if !started.Before(p.pausedAt) {
		p.streak = 0
	}
}

// PausedFor is how long HelpCrunch must not be called from now on; 0 when it may be.
func (p *Pacer) PausedFor() time.Duration {
	now := now()
	_, pause := p.earliest(now)
	return max(pause.Sub(now), 0)
}

// refusal is why nobody enters: because the pause is longer than the time that is left, or because that is over.
func (p *Pacer) refusal(last time.Time) error {
	now := now()
	if _, pause := p.earliest(now); pause.After(last) && pause.After(now) {
		return &PausedError{pause}
	}
	return ErrNoTime
}

// earliest returns the next free turn, a pause included, and the end of the pause.
func (p *Pacer) earliest(now time.Time) (turn, pause time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next = ahead(p.next, now, maxExtra*p.interval)
	p.until = ahead(p.until, now, longestPause)
	if p.until.After(p.next) {
		return p.until, p.until
	}
	return p.next, p.until
}

func (p *Pacer) take(now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if now.Sub(p.next) > lateness {
		p.next = now
	}
	p.next = p.next.Add(p.interval)
}

func deadlineOf(ctx context.Context) time.Time {
	deadline, ok := ctx.Deadline()
	if !ok {
		return now().Add(time.Hour)
	}
	return deadline.Round(0)
}

func sleepUntil(ctx context.Context, at time.Time) bool {
	timer := time.NewTimer(time.Until(at))
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
