package page

import (
	"maps"
	"sync"

	"helpcrunch-mark-read/local/lambda"
)

// feedSize is how many attempts are remembered one by one; the totals go on for ever.
const feedSize = 200

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
	Attempts  int64            `json:"attempts"`
	Merged    int64            `json:"merged"` // messages that went with a newer wish
	ByOutcome map[string]int64 `json:"byOutcome"`
}

// NewFeed gives an empty Feed.
func NewFeed() *Feed {
	return &Feed{totals: Totals{ByOutcome: map[string]int64{}}, changed: make(chan struct{})}
}

// Log takes one line of a function's output; a line that tells of no attempt is dropped. It never waits, and fits
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
	f.totals.Attempts++
	f.totals.Merged += a.Merged
	f.totals.ByOutcome[a.Outcome]++
	close(f.changed)
	f.changed = make(chan struct{})
}

// since gives the remembered attempts whose number is greater than n, oldest first, and the totals of the same moment.
func (f *Feed) since(n int64) ([]Attempt, Totals) {
	f.mu.Lock()
	defer f.mu.Unlock()
	fresh := min(int(f.last-n), len(f.recent))
	totals := f.totals
	totals.ByOutcome = maps.Clone(totals.ByOutcome)
	return append([]Attempt{}, f.recent[len(f.recent)-fresh:]...), totals
}

func (f *Feed) next() <-chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.changed
}
