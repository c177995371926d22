package bulk

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"helpcrunch-mark-read/ops/internal/terminal"
	"helpcrunch-mark-read/shared/mark"
)

const maxFaults = 1000 // how many faulty lines are remembered; all are counted

// Fault is an invalid line.
type Fault struct {
	Line   int    `json:"line"`
	Reason string `json:"reason"` // shows nothing of the line
}

// Checked is what is known of a file before anything of it is sent.
type Checked struct {
	SHA256 string // of the whole content, in hex
	Marks  int
	Bounds int // how many of the marks have one
	Faulty int
	Faults []Fault // the first ones
	Broken bool    // the last fault hides the rest of the file
}

// Check reads a whole file. Its error is a *FormatError or the reader's.
func Check(r io.Reader, format Format) (Checked, error) {
	var c Checked
	hash := sha256.New()
	all := io.TeeReader(r, hash)
	err := scan(all, format, func(line int, m mark.Mark, fault error) error {
		if fault == nil {
			c.Marks++
			if m.AsOf.Set {
				c.Bounds++
			}
			return nil
		}
		c.Faulty++
		if len(c.Faults) < maxFaults {
			c.Faults = append(c.Faults, Fault{line, fault.Error()})
		}
		return nil
	})
	if errors.Is(err, ErrQuotes) {
		c.Broken = true
		_, err = io.Copy(io.Discard, all)
	}
	c.SHA256 = hex.EncodeToString(hash.Sum(nil))
	return c, err
}

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

// MaxAge is how old a mark may become before functions/queue dead-letters it the first time that anything delays it.
const MaxAge = 7 * 24 * time.Hour

// TooLate says what becomes of the last of marks that wait for so long; it is empty when nothing does. window is RETRY_WINDOW,
// retention the queue's, or 0 when it is not known.
func TooLate(wait, window, retention time.Duration) string {
	switch {
	case retention > 0 && wait > retention:
		return fmt.Sprintf("longer than the queue keeps a message (%s): SQS deletes what is not made by then, and it is lost", retention)
	case wait > MaxAge:
		return fmt.Sprintf("longer than %s: a mark of that age becomes a dead letter as soon as anything delays it", MaxAge)
	case wait > window:
		return fmt.Sprintf("longer than the retry window (%s): a mark that has waited for longer and then fails gets no second try", window)
	}
	return ""
}
