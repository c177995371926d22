package pace

import (
	"context"
	"sync"
	"time"
)

// Pause is a gate that is open except after a 429: an HTTP caller is answered at once instead of being kept waiting.
// The zero value is open. It is safe for concurrent use.
type Pause struct {
	mu    sync.Mutex
	until time.Time
}

// Enter returns a *PausedError until the pause is over, and ErrNoTime when less of ctx's time is left than the call needs.
func (p *Pause) Enter(ctx context.Context, need time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := now()
	if p.until = ahead(p.until, now, longestPause); p.until.After(now) {
		return &PausedError{p.until}
	}
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < need {
		return ErrNoTime
	}
	return nil
}

// EnterExtra is Enter: there are no turns here.
func (p *Pause) EnterExtra(ctx context.Context, need time.Duration) error { return p.Enter(ctx, need) }

// Throttled closes the gate for retryAfter, an hour at most, or for a second when HelpCrunch named no time.
func (p *Pause) Throttled(_ time.Time, retryAfter time.Duration) {
	if retryAfter <= 0 {
		retryAfter = firstPause
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	now := now()
	if until := now.Add(min(retryAfter, longestPause)); until.After(ahead(p.until, now, longestPause)) {
		p.until = until
	}
}

// Answered changes nothing here: a pause ends by time alone.
func (p *Pause) Answered(time.Time) {}
