package simulator

import "time"

// limit is the account's limit: so many requests in any 60 seconds. Refused requests do not count, or a client that asks
// on would never be let in again. HelpCrunch documents no Retry-After, so its 429 has none; a Fault can send one.
type limit struct {
	perMinute int
	used      window
}

// take says whether a request is let through.
func (l *limit) take(t time.Time) bool {
	if l.perMinute != Unlimited && l.used.count(t) >= l.perMinute {
		return false
	}
	l.used.add(t)
	return true
}

// window holds the times of the last 60 seconds, oldest first. Two requests exactly 60 seconds apart do not share a window.
type window struct{ times []time.Time }

func (w *window) count(t time.Time) int {
	gone := 0
	for gone < len(w.times) && t.Sub(w.times[gone]) >= time.Minute {
		gone++
	}
	w.times = w.times[gone:]
	return len(w.times)
}

// add returns the number of times in the 60 seconds that end at t.
func (w *window) add(t time.Time) int {
	w.times = append(w.times, t)
	return w.count(t)
}
