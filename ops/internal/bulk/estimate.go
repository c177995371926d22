package bulk

import (
	"fmt"
	"time"
)

// Estimate is how long it takes until the last of a number of marks is made, if HelpCrunch takes the queue's whole share.
type Estimate struct {
	Marks     int `json:"marks"`
	Waiting   int `json:"waiting"`           // in the queue already
	PerMinute int `json:"requestsPerMinute"` // the queue's share of the account's limit
}

// Duration is the least that it takes, unless several marks are for the same chat and reader and become one call.
func (e Estimate) Duration() time.Duration {
	return time.Duration(e.Marks+e.Waiting) * time.Minute / time.Duration(e.PerMinute)
}

// String says it for a person.
func (e Estimate) String() string {
	s := fmt.Sprintf("%d marks at %d calls a minute", e.Marks, e.PerMinute)
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
