package main

import (
	"slices"
	"sync"
)

// target is what wishes are made for.
type target struct {
	chat   int64
	reader string
}

// wish is one wish as it was sent. A wish that may not have arrived is unsure.
type wish struct {
	message string // the SQS message's id; empty when it is not known
	read    bool
	unsure  bool
}

// ledger knows every wish that was sent, in the order of sending for each target. It is safe for concurrent use.
type ledger struct {
	mu     sync.Mutex
	wishes map[target][]wish
	doomed map[string]bool // messages that are no mark, by id
	counts map[string]int  // answers to HTTP callers, by status
	wrong  []string        // broken promises
}

func newLedger() *ledger {
	return &ledger{wishes: map[target][]wish{}, doomed: map[string]bool{}, counts: map[string]int{}}
}

func (l *ledger) sent(t target, w wish) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.wishes[t] = append(l.wishes[t], w)
}

func (l *ledger) sentDoomed(message string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.doomed[message] = true
}

func (l *ledger) answered(status string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts[status]++
}

func (l *ledger) broken(what string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Contains(l.wrong, what) && len(l.wrong) < 20 {
		l.wrong = append(l.wrong, what)
	}
}

// messages are the ids of all messages that are known to have been sent as marks.
func (l *ledger) messages() map[string]bool {
	all := map[string]bool{}
	for _, wishes := range l.wishes {
		for _, w := range wishes {
			if w.message != "" {
				all[w.message] = true
			}
		}
	}
	return all
}

// allowed says whether a target may be in a state in the end: that of the newest wish that was made for certain, or of one
// after it that was dead-lettered (at least once: it may have been made as well) or may not have arrived.
func (l *ledger) allowed(t target, dead map[string]bool, state bool) bool {
	wishes := l.wishes[t]
	for i := len(wishes) - 1; i >= 0; i-- {
		w := wishes[i]
		if w.read == state {
			return true
		}
		if !w.unsure && !dead[w.message] {
			return false
		}
	}
	return true // none was made for certain: any state will do
}
