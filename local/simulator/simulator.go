// Package simulator is an in-memory HelpCrunch: the two endpoints that mark a chat and the list of agents, as HelpCrunch's
// documentation shows them, with chats that keep their state, the account's limit, keys that can be revoked, and faults
// that can be switched on while it runs. It is part of the local stack and of the tests, never of the product, and shares
// no code with the product on purpose: a misunderstanding in one would hide in the other.
//
// While it runs it is broken and repaired from outside below /_sim/; GET /_sim/ lists every control with an example.
package simulator

import (
	"cmp"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

// DefaultRequestsPerMinute is the limit that HelpCrunch's documentation names for a whole account.
const DefaultRequestsPerMinute = 120

// Unlimited lifts the limit.
const Unlimited = -1

// Options say how HelpCrunch is at the start; all but the keys have sensible defaults.
type Options struct {
	Keys              []string // the API keys that are accepted; with none, every call is a 401
	RequestsPerMinute int      // DefaultRequestsPerMinute when 0; Unlimited
}

// Simulator is an in-memory HelpCrunch. It is an http.Handler: HelpCrunch's API below /v1/, its control API below /_sim/.
// Everything is safe for concurrent use. It knows time only by time.Now and timers, so that it runs in a synctest bubble.
type Simulator struct {
	control http.Handler

	mu      sync.Mutex // never held while waiting or writing
	chats   map[int64]*chat
	keys    keyring
	limit   limit
	faults  []Fault // in the order in which they were added
	journal *journal
	change  chan struct{} // closed at the next one
}

// New makes a simulator. Its error names the option that is wrong.
func New(o Options) (*Simulator, error) {
	s := &Simulator{chats: firstChats(), keys: keyring{}, journal: newJournal(), change: make(chan struct{})}
	s.control = http.NewCrossOriginProtection().Handler(s.controlRoutes())
	if err := s.SetLimit(cmp.Or(o.RequestsPerMinute, DefaultRequestsPerMinute)); err != nil {
		return nil, err
	}
	return s, s.SetKeys(o.Keys...)
}

// ServeHTTP serves HelpCrunch's API and, below /_sim/, the control API. A handler that must send nothing at all panics
// with http.ErrAbortHandler, as net/http wants it.
func (s *Simulator) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasPrefix(r.URL.Path, controlPrefix) {
		s.control.ServeHTTP(w, r)
		return
	}
	s.serveAPI(w, r)
}

// Reset puts the chats back to their first state and forgets faults, requests, counts and what was used of the limit.
// The keys and the limit stay: the keys because somebody else holds the other half of them.
func (s *Simulator) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.chats = firstChats()
	s.faults = nil
	s.limit.used = window{}
	s.journal = newJournal()
	s.changed()
}

// SetLimit sets how many requests in any 60 seconds are let through: at least 1, or Unlimited. What was used of the old
// limit counts for the new one.
func (s *Simulator) SetLimit(requestsPerMinute int) error {
	if requestsPerMinute < 1 && requestsPerMinute != Unlimited {
		return fmt.Errorf("a limit of %d requests a minute: it must be at least 1, or %d for none", requestsPerMinute, Unlimited)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.limit.perMinute = requestsPerMinute
	s.changed()
	return nil
}

// Changed returns a channel that is closed at the next change. Take it before looking, so that no change falls between
// looking and waiting.
func (s *Simulator) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.change
}

// changed is called with the lock held.
func (s *Simulator) changed() {
	close(s.change)
	s.change = make(chan struct{})
}
