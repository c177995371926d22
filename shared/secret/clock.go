package secret

import "time"

// Now is the time on the wall clock alone: while Lambda keeps an environment frozen, the monotonic clock may stand still.
func Now() time.Time { return time.Now().Round(0) }

// Within reports whether less than d has passed since t, by the wall clock. A t that is still to come is none that was
// measured on this clock, and is over.
func Within(t time.Time, d time.Duration) bool {
	age := Now().Sub(t)
	return age >= 0 && age < d
}
