package simulator

import "time"

const minute = time.Minute

// window holds the times of the last 60 seconds, oldest first. Two requests exactly 60 seconds apart do not share a window.
type window struct{ times []time.Time }

func (w *window) count(t time.Time) int {
	gone := 0
	for gone < len(w.times) && t.Sub(w.times[gone]) >= minute {
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
