package queue

import (
	"errors"
	"math/rand/v2"
	"time"

	"helpcrunch-mark-read/shared/outcome"
	"helpcrunch-mark-read/shared/pace"
)

const (
	// firstHold is the first backoff of a held message, which doubles up to the outcome's own bound, and from the age of
	// old on up to LongestHold.
	firstHold = 5 * time.Second
	old       = time.Hour
	// Whatever asks for a wait, it is at least shortestWait and at most longestWait.
	shortestWait = time.Second
	longestWait  = time.Hour
	// maxReleases is from how many receives on a message is not returned at once any more.
	maxReleases = 100
	// maxAge is when a message expires whatever stands in its way. By then it was received some 900 times; from 1000 on
	// SQS moves it by itself, and without a reason.
	maxAge = 7 * 24 * time.Hour
)

// holdFor is how long a held job's messages stay invisible: Retry-After, the pause after a 429 or the backoff, whichever
// is longest. All of a job's messages get the same, so that they come back together and are merged again; the backoff is
// that of the message that was received most, which a stream of new ones would not let rest otherwise.
func (h *Handler) holdFor(j *job) time.Duration {
	asked := j.result.RetryAfter
	most := outcome.LongestHold
	if j.result.Row != nil && j.result.Outcome == outcome.RateLimited {
		asked = h.Pacer.PausedFor() // of Retry-After, what was not waited out in place
	}
	if j.result.Row != nil && j.messages[0].age() <= old {
		most = j.result.MaxHold
	}
	return within(max(backoff(j.receives(), most), asked))
}

// releaseFor is how long messages stay invisible whose attempt was not started for want of time: not at all where another
// environment or the next invocation can start it at once; where its turn was too late, until the next free one, or it would
// be received and returned without end.
func releaseFor(j *job) time.Duration {
	late, isTurn := errors.AsType[*pace.TurnError](j.refusal)
	switch {
	case isTurn:
		return within(max(time.Until(late.Turn), backoff(j.receives(), outcome.LongestHold)))
	case j.receives() > maxReleases:
		return within(backoff(j.receives(), outcome.LongestHold))
	}
	return 0
}

func within(wait time.Duration) time.Duration { return min(max(wait, shortestWait), longestWait) }

// receives is the receive count of the message that was received most.
func (j *job) receives() int {
	most := 0
	for _, m := range j.messages {
		most = max(most, m.receives)
	}
	return most
}

// backoff doubles with the receive count. Half of it is jitter, so that what failed together does not return together.
func backoff(receives int, atMost time.Duration) time.Duration {
	full := min(firstHold<<min(receives-1, 10), atMost)
	return full/2 + rand.N(full/2+1)
}

// expired reports whether a job that would have to come back once more is dead-lettered instead. The newest message's age
// counts. Without an attempt only maxAge does: it was not the mark that failed.
func (h *Handler) expired(j *job) bool {
	return j.refusal == nil && j.newest().age() > h.RetryWindow || j.newest().age() > maxAge
}
