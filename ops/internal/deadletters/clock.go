package deadletters

import "time"

// now is the wall clock: while a laptop sleeps the monotonic clock stands still, but SQS's visibility timeout runs on.
func now() time.Time { return time.Now().Round(0) }

// left is how long a dead letter is still out. An end that is further away than SQS was ever asked for says that the clock was
// set back: nothing is known then, so nothing is left.
func (h *hold) left() time.Duration {
	if left := h.until.Sub(now()); left <= Visibility {
		return left
	}
	return 0
}
