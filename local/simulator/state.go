package simulator

import (
	"cmp"
	"maps"
	"slices"
	"time"
)

// State is everything about the simulator at one moment. It holds no key.
type State struct {
	Limit        LimitState  `json:"limit"`
	AcceptedKeys int         `json:"acceptedKeys"`
	Faults       []Fault     `json:"faults"`
	Counts       Counts      `json:"counts"`
	Chats        []ChatState `json:"chats"`
}

// LimitState is the account's limit and how much of it is used.
type LimitState struct {
	RequestsPerMinute int `json:"requestsPerMinute"` // Unlimited: none
	Used              int `json:"used"`              // requests let through in the last 60 seconds, which is what the limit counts
	Seen              int `json:"seen"`              // requests in the last 60 seconds, refused and failed ones included
}

// State returns all of it, taken at one moment. Requests returns the requests one by one.
func (s *Simulator) State() State {
	s.mu.Lock()
	defer s.mu.Unlock()
	counts := s.journal.counts
	counts.ByStatus = maps.Clone(counts.ByStatus)
	chats := make([]ChatState, 0, len(s.chats))
	for _, c := range s.chats {
		chats = append(chats, c.state())
	}
	slices.SortFunc(chats, func(a, b ChatState) int { return cmp.Compare(a.ID, b.ID) })
	return State{
		Limit: LimitState{
			RequestsPerMinute: s.limit.perMinute,
			Used:              s.limit.used.count(time.Now()),
			Seen:              s.journal.seen.count(time.Now()),
		},
		AcceptedKeys: len(s.keys),
		Faults:       append([]Fault{}, s.faults...),
		Counts:       counts,
		Chats:        chats,
	}
}

// Counts returns the counts as they are now.
func (s *Simulator) Counts() Counts { return s.State().Counts }

// Chats returns the state of every chat, by id.
func (s *Simulator) Chats() []ChatState { return s.State().Chats }
