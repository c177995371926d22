// Package pace decides when HelpCrunch may be called. Pause is the HTTP function's gate, which refuses at once; Pacer is
// the queue function's, which waits. Both remember a 429 for all calls of their execution environment.
//
// What is remembered outlives an invocation, and is therefore kept as wall clock time: while Lambda freezes an environment,
// the monotonic clock may stand still.
package pace

import (
	"errors"
	"fmt"
	"time"
)

// PausedError reports that HelpCrunch answered 429, and that it must not be called before Until.
type PausedError struct{ Until time.Time }

func (e *PausedError) Error() string {
	return "HelpCrunch answered 429 a moment ago and is not called until that pause is over"
}

// ErrNoTime reports that no call may start any more before the invocation's deadline.
var ErrNoTime = errors.New("no time is left for another call in this invocation")

// TurnError is the ErrNoTime of a call whose turn comes only after the deadline.
type TurnError struct{ Turn time.Time }

func (e *TurnError) Error() string {
	return fmt.Sprintf("%v: the next turn within the rate limit comes later", ErrNoTime)
}

// Is makes a TurnError an ErrNoTime.
func (e *TurnError) Is(target error) bool { return target == ErrNoTime }

const (
	// firstPause is how long a 429 without Retry-After stops all calls; Pacer doubles it up to longestBackoff.
	firstPause     = time.Second
	longestBackoff = time.Minute
	// longestPause bounds what Retry-After can ask for. What would last longer is a clock that was set back.
	longestPause = time.Hour
)

// now is the wall clock.
func now() time.Time { return time.Now().Round(0) }

// ahead returns at, or the zero time when it is further ahead of now than it can be: the clock was set back.
func ahead(at, now time.Time, most time.Duration) time.Time {
	if at.Sub(now) > most {
		return time.Time{}
	}
	return at
}
