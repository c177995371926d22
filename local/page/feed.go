package page

import (
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"

	"helpcrunch-mark-read/local/lambda"
)

// feedSize is how many attempts are shown one by one; the totals go on for ever.
const feedSize = 60

// Attempt is one attempt as a function logged it. Ids travel as text: JavaScript's numbers end at 2^53.
type Attempt struct {
	Number   int64     `json:"number"` // from 1, in the order of the lines
	Time     time.Time `json:"time"`   // when the line came
	Function string    `json:"function"`
	Chat     int64     `json:"chat,string"` // 0 when the input was invalid
	logged
}

// logged is what the page shows of a log line, by the line's own names.
type logged struct {
	Outcome      string  `json:"outcome"`
	Reader       string  `json:"reader,omitempty"`
	Read         bool    `json:"read"`
	Overtaken    bool    `json:"overtaken,omitempty"` // a newer message was there than the mark's bound
	Status       int     `json:"status,omitempty"`    // HelpCrunch's; 0 when it did not answer or was not called
	Reason       string  `json:"reason,omitempty"`    // why the mark was not made
	Action       string  `json:"action,omitempty"`    // what was done with the message; empty for the HTTP function
	ReceiveCount int     `json:"receiveCount,omitempty"`
	Coalesced    int64   `json:"coalesced,omitempty"` // older messages that were merged into this one
	DurationMs   float64 `json:"durationMs"`
}

// parseAttempt reads a log line. Functions may print anything, so what does not fit is not an attempt.
func parseAttempt(line lambda.Line) (Attempt, bool) {
	var in struct {
		Message string `json:"message"`
		ChatID  int64  `json:"chatId"`
		logged
	}
	if json.Unmarshal([]byte(line.Text), &in) != nil || in.Message != "attempt" || in.Outcome == "" {
		return Attempt{}, false
	}
	return Attempt{Time: time.Now(), Function: line.Function, Chat: in.ChatID, logged: in.logged}, true
}

// Feed collects what the functions log about their attempts. It is made before the stack, because the stack logs from its
// start on. It is safe for concurrent use.
type Feed struct {
	mu      sync.Mutex
	last    int64
	recent  []Attempt // the newest at the end
	totals  Totals
	changed chan struct{} // closed at the next attempt
}

// Totals count since the start.
type Totals struct {
	Merged    int64            `json:"merged"`    // messages that were merged into a newer one
	Overtaken int64            `json:"overtaken"` // marks that were overtaken by a newer message
	ByOutcome map[string]int64 `json:"byOutcome"`
}

// NewFeed returns an empty Feed.
func NewFeed() *Feed {
	return &Feed{recent: []Attempt{}, totals: Totals{ByOutcome: map[string]int64{}}, changed: make(chan struct{})}
}

// Log takes one line of a function's output; a line that reports no attempt is dropped. It never waits, and fits
// stack.Options.Log.
func (f *Feed) Log(line lambda.Line) {
	a, ok := parseAttempt(line)
	if !ok {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last++
	a.Number = f.last
	f.recent = append(f.recent, a)
	if len(f.recent) > feedSize {
		f.recent = f.recent[1:]
	}
	f.totals.Merged += a.Coalesced
	if a.Overtaken {
		f.totals.Overtaken++
	}
	f.totals.ByOutcome[a.Outcome]++
	close(f.changed)
	f.changed = make(chan struct{})
}

// shown returns the remembered attempts, oldest first, and the totals of the same moment.
func (f *Feed) shown() ([]Attempt, Totals) {
	f.mu.Lock()
	defer f.mu.Unlock()
	totals := f.totals
	totals.ByOutcome = maps.Clone(totals.ByOutcome)
	return slices.Clone(f.recent), totals
}

func (f *Feed) next() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.changed
}
