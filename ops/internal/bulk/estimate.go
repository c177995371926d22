package bulk

import (
	"fmt"
	"math"
	"time"

	"helpcrunch-mark-read/ops/internal/terminal"
)

// Estimate is how long it takes until the last of a number of marks is made, at the queue's whole rate budget.
type Estimate struct {
	Marks     int `json:"marks"`
	Waiting   int `json:"waiting"`           // in the queue already
	PerMinute int `json:"requestsPerMinute"` // the queue's rate budget
}

// Duration is the least that it takes, unless several marks are for the same chat and reader and become one call.
func (e Estimate) Duration() time.Duration {
	minutes := float64(e.Marks+e.Waiting) / float64(e.PerMinute)
	if minutes >= math.MaxInt64/float64(time.Minute) {
		return math.MaxInt64
	}
	return time.Duration(minutes * float64(time.Minute))
}

// String says it for a person.
func (e Estimate) String() string {
	s := terminal.Count(e.Marks, "mark") + " at " + terminal.Count(e.PerMinute, "call") + " a minute"
	if e.Waiting > 0 {
		s += fmt.Sprintf(", after %d that wait already", e.Waiting)
	}
	return s + ": the last is made in about " + round(e.Duration()).String() +
		" (sooner where several are for one chat and reader, later if HelpCrunch throttles)"
}

// round drops what nobody can know.
func round(d time.Duration) time.Duration {
	switch {
	case d < time.Minute:
		return max(d.Round(time.Second), time.Second)
	case d < time.Hour:
		return d.Round(10 * time.Second)
	}
	return d.Round(time.Minute)
}
