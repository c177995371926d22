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
	// lateness is how far a call may fall behind its slot without moving the slots after it: a timer's own unpunctuality.
	lateness = 5 * time.Millisecond
	// leastCall is the time that a call must have left of its context's to start.
	leastCall = 2 * time.Second
)

// Pacer is a gate that lets calls through one by one, evenly spread, in the order in which they come, and lets nobody
// through during a pause. Its state outlives an invocation. It is safe for concurrent use.
type Pacer struct {
	interval time.Duration
	turn     chan struct{} // held by the one call that is next; Go's channels queue the others in order

	mu       sync.Mutex
	next     time.Time // the next free slot
	until    time.Time // the end of the pause
	pausedAt time.Time // when the pause began
	streak   int       // 429s without Retry-After in a row, one a pause
}

// NewPacer makes the gate of one of so many environments that share so many requests a minute evenly. A part of a request
// is left unused: an environment with 33.3 a minute would send 34 in some minutes, and all of them together too many. Only
// where there are more environments than requests can their calls still fall into one minute.
func NewPacer(requestsPerMinute, environments int) *Pacer {
	interval := minute * time.Duration(environments) / time.Duration(requestsPerMinute)
	if part := requestsPerMinute / environments; part > 0 {
		interval = minute / time.Duration(part)
	}
	return &Pacer{interval: interval, turn: make(chan struct{}, 1)}
}

// Enter waits for the next free slot and takes it. When that is too late for the deadline of ctx, it gives ErrNoTime at
// once. A pause is waited out in place, which is the back-pressure on the queue: when it is longer than the time
// that is left, Enter gives a *PausedError, but only once that time is used up.
func (p *Pacer) Enter(ctx context.Context) error {
	select {
	case p.turn <- struct{}{}:
		defer func() { <-p.turn }()
	case <-ctx.Done():
		return p.refusal(time.Now())
	}
	last := lastStart(ctx)
	for {
		now := time.Now()
		at, pause := p.earliest()
		switch {
		case now.After(last), pause.After(last) && !now.Before(last):
			return p.refusal(last)
		case !at.After(now):
			p.take(now)
			return nil
		case at.After(last) && !pause.After(last):
			return ErrNoTime
		case at.After(last):
			at = last
		}
		if !sleepUntil(ctx, at) {
			return p.refusal(last)
		}
	}
}

// Throttled begins a pause of retryAfter or, when HelpCrunch named no time, of 1 s, doubling with every pause in a row to
// 60 s. A 429 for a call that started before the pause began belongs to that same pause.
func (p *Pacer) Throttled(started time.Time, retryAfter time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	sameWave := started.Before(p.pausedAt)
	if retryAfter <= 0 {
		if sameWave {
			return
		}
		retryAfter = min(firstPause<<min(p.streak, 10), longestPause)
		p.streak++
	}
	if until := now.Add(retryAfter); until.After(p.until) {
		p.until = until
	}
	if !sameWave {
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
	p.mu.Lock()
	defer p.mu.Unlock()
	return max(time.Until(p.until), 0)
}

// refusal says why nobody enters: because the pause is longer than the time that is left, or because that is over.
func (p *Pacer) refusal(last time.Time) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.until.After(last) {
		return &PausedError{p.until}
	}
	return ErrNoTime
}

func (p *Pacer) earliest() (at, pause time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
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

func lastStart(ctx context.Context) time.Time {
	deadline, ok := ctx.Deadline()
	if !ok {
		deadline = time.Now().Add(time.Hour)
	}
	return deadline.Add(-leastCall)
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
