package pace

import (
	"context"
	"sync"
	"time"
)

// Pause is a gate that is open except after a 429: an HTTP caller is told so at once instead of being kept waiting.
// The zero value is open. It is safe for concurrent use.
type Pause struct {
	mu    sync.Mutex
	until time.Time
}

// Enter gives a *PausedError until the pause is over.
func (p *Pause) Enter(context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.until.After(time.Now()) {
		return &PausedError{p.until}
	}
	return nil
}

// Throttled closes the gate for retryAfter, or for a second when HelpCrunch named no time.
func (p *Pause) Throttled(_ time.Time, retryAfter time.Duration) {
	if retryAfter <= 0 {
		retryAfter = firstPause
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if until := time.Now().Add(retryAfter); until.After(p.until) {
		p.until = until
	}
}

// Answered changes nothing here: a pause ends by time alone.
func (p *Pause) Answered(time.Time) {}
