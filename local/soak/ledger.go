package main

import "sync"

// target is what wishes are made for.
type target struct {
	chat   int64
	reader string
}

// wish is what a message asks for.
type wish struct {
	target
	read bool
}

// sending is one wish as it was sent.
type sending struct {
	message string // the SQS message's id; empty when it is not known, or there is none
	read    bool
	unsure  bool // it may not have arrived
}

// ledger knows everything that was sent. It is safe for concurrent use.
type ledger struct {
	mu       sync.Mutex
	sendings map[target][]sending // in their order, of the chats that exist
	messages map[string]bool      // by id
	lost     map[wish]int         // how many messages may have arrived without our being told their id; no marks are the zero wish
	counts   map[string]int       // answers to HTTP callers, by status
}

func newLedger() *ledger {
	return &ledger{sendings: map[target][]sending{}, messages: map[string]bool{}, lost: map[wish]int{}, counts: map[string]int{}}
}

// sent notes a wish for a chat that exists.
func (l *ledger) sent(t target, s sending) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sendings[t] = append(l.sendings[t], s)
}

// queued notes a message, whoever put it on the queue. Without an id, it may be in the queue all the same.
func (l *ledger) queued(id string, w wish) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if id == "" {
		l.lost[w]++
		return
	}
	l.messages[id] = true
}

func (l *ledger) answered(status string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.counts[status]++
}

func (l *ledger) size() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.messages)
}

// allowed says whether a target may be in a state in the end: that of the newest wish that was made for certain, or of one
// after it that has a dead letter (at least once: it may have been made as well) or may not have arrived.
func (l *ledger) allowed(t target, dead map[string][]letter, state bool) bool {
	sendings := l.sendings[t]
	for i := len(sendings) - 1; i >= 0; i-- {
		s := sendings[i]
		if s.read == state {
			return true
		}
		if !s.unsure && len(dead[s.message]) == 0 {
			return false
		}
	}
	return true // none was made for certain: any state will do
}
