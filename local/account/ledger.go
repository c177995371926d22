package account

import "sync"

// Target is what a mark is made for: one chat and one of its readers.
type Target struct {
	Chat   int64
	Reader string
}

// update is what a message asks for.
type update struct {
	Target
	read bool
}

// sending is one update as it was sent.
type sending struct {
	message string // the SQS message's id; empty when it is not known, or there is none
	read    bool
	unsure  bool // it may not have arrived
}

// ledger knows everything that was sent. It is safe for concurrent use.
type ledger struct {
	mu       sync.Mutex
	sendings map[Target][]sending // in their order, of the chats that exist
	messages map[string]bool      // by id
	lost     map[update]int       // how many messages may have arrived although their id is not known; an invalid message is the zero update
}

func newLedger() *ledger {
	return &ledger{sendings: map[Target][]sending{}, messages: map[string]bool{}, lost: map[update]int{}}
}

// sent notes an update for a chat that exists.
func (l *ledger) sent(t Target, s sending) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.sendings[t] = append(l.sendings[t], s)
}

// queued notes a message, whoever put it on the queue. Without an id, it may be in the queue all the same.
func (l *ledger) queued(id string, u update) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if id == "" {
		l.lost[u]++
		return
	}
	l.messages[id] = true
}

func (l *ledger) size() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.messages)
}

// allowed says whether a target may be in a state in the end: that of the newest update that was made for certain, or of
// one after it that has a dead letter (at least once: it may have been made as well) or may not have arrived. An overtaken
// mark leaves its chat unread: RESTORE_UNREAD is on where marks have a bound.
func (l *ledger) allowed(t Target, dead map[string][]deadLetter, overtaken map[string]bool, state bool) bool {
	sendings := l.sendings[t]
	for i := len(sendings) - 1; i >= 0; i-- {
		s := sendings[i]
		if (s.read && !overtaken[s.message]) == state {
			return true
		}
		if !s.unsure && len(dead[s.message]) == 0 {
			return false
		}
	}
	return true // none was made for certain: any state will do
}
