package queue

import (
	"math/rand/v2"
	"time"

	"helpcrunch-mark-read/shared/outcome"
)

// The backoff of a held message: it doubles from firstHold to the outcome's own bound. Whatever asks for a wait, it is
// at least shortestWait and at most longestWait.
const (
	firstHold    = 5 * time.Second
	shortestWait = time.Second
	longestWait  = time.Hour
)

// holdFor is how long a held job's messages stay invisible: Retry-After, the pause after a 429 or the backoff, whichever
// is longest. All of a job's messages get the same, so that they come back together and are merged again.
func (h *Handler) holdFor(j *job) time.Duration {
	asked := j.result.RetryAfter
	if j.result.Outcome == outcome.RateLimited {
		asked = h.Pacer.PausedFor() // of Retry-After, what was not waited out in place
	}
	wait := max(backoff(receiveCount(j.newest()), j.result.HoldAtMost), asked)
	return min(max(wait, shortestWait), longestWait)
}

// backoff doubles with the receive count. Half of it is jitter, so that what failed together does not return together.
func backoff(receives int, atMost time.Duration) time.Duration {
	full := min(firstHold<<min(receives-1, 10), atMost)
	return full/2 + rand.N(full/2+1)
}

// givenUp says whether the job has been held for so long that it is dead-lettered instead of held again. The newest
// message's age counts. A job that was turned away without an attempt is not given up this time.
func (h *Handler) givenUp(j *job) bool { return j.called && age(j.newest()) > h.RetryWindow }
