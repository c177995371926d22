package demo

import (
	"encoding/json"
	"sync"
)

// attempt is what the functions' log lines say of one attempt at a queued mark.
type attempt struct {
	Message   string
	Outcome   string
	Action    string
	Coalesced int
	MessageID string
	Calls     int
}

// lines gathers the attempts that the functions tell of. It is safe for concurrent use.
type lines struct {
	mu       sync.Mutex
	attempts []attempt
}

func (l *lines) add(text string) {
	var a attempt
	if json.Unmarshal([]byte(text), &a) != nil || a.Message != "attempt" || a.MessageID == "" {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.attempts = append(l.attempts, a)
}

// tally counts messages by what became of them.
func (l *lines) tally() (applied, merged, held int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, a := range l.attempts {
		switch a.Action {
		case "delete":
			applied++
			merged += a.Coalesced
		case "hold":
			held += 1 + a.Coalesced
		}
	}
	return applied, merged, held
}
