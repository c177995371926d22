// Package pace decides when HelpCrunch may be called. Pause is the HTTP function's gate, which refuses at once; Pacer is
// the queue function's, which waits. Both remember a 429 for all calls of their environment.
package pace

import (
	"errors"
	"time"
)

// PausedError says that HelpCrunch answered 429, and that it must not be called before Until.
type PausedError struct{ Until time.Time }

func (e *PausedError) Error() string {
	return "HelpCrunch said 429 a moment ago and is not called until that pause is over"
}

// ErrNoTime says that no call may start any more before the invocation's deadline.
var ErrNoTime = errors.New("no time is left for another call in this invocation")

// firstPause is how long a 429 without Retry-After keeps everybody waiting; Pacer doubles it up to longestPause.
const (
	firstPause   = time.Second
	longestPause = time.Minute
)
