package simulator

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// The two readers of a chat, as the journal names them.
const (
	Agent    = "agent"
	Customer = "customer"
)

// ChatState is the state of one chat, with enough of it to be shown as a line of an inbox. The people are made up.
type ChatState struct {
	ID             int64     `json:"id"`
	Customer       string    `json:"customer"`    // "" for a chat that knows no name
	LastMessage    string    `json:"lastMessage"` // "" for a chat without a message
	ReadByAgent    bool      `json:"readByAgent"`
	ReadByCustomer bool      `json:"readByCustomer"`
	Writes         int       `json:"writes"`             // marks made, repeated ones included
	LastWrite      time.Time `json:"lastWrite,omitzero"` // zero when nothing was ever marked
}

// Chat gives the state of one chat; false when there is none of this id.
func (s *Simulator) Chat(id int64) (ChatState, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.chats[id]
	if !ok {
		return ChatState{}, false
	}
	return c.state(), true
}

// Chats gives the state of every chat, by id.
func (s *Simulator) Chats() []ChatState {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.chatStates()
}

func (s *Simulator) chatStates() []ChatState {
	states := make([]ChatState, 0, len(s.chats))
	for c := range maps.Values(s.chats) {
		states = append(states, c.state())
	}
	slices.SortFunc(states, func(a, b ChatState) int { return cmp.Compare(a.ID, b.ID) })
	return states
}

// SetChat sets both flags of a chat, which comes to be if it is not there. It is not counted as a write.
func (s *Simulator) SetChat(id int64, readByAgent, readByCustomer bool) error {
	if id < 1 {
		return fmt.Errorf("chat id %d: ids start at 1", id)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.chats[id] == nil {
		s.chats[id] = &chat{id: id}
	}
	s.chats[id].readByAgent, s.chats[id].readByCustomer = readByAgent, readByCustomer
	s.changed()
	return nil
}

// RemoveChat removes a chat, and says whether it was there.
func (s *Simulator) RemoveChat(id int64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.chats[id]
	delete(s.chats, id)
	s.changed()
	return ok
}

// write makes a mark and gives the Chat as it is then; false when there is no such chat.
func (s *Simulator) write(m mark) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.chats[m.id]
	if !ok {
		return nil, false
	}
	if m.reader == Agent {
		c.readByAgent = m.read
	} else {
		c.readByCustomer = m.read
	}
	c.writes++
	c.lastWrite = time.Now()
	s.journal.counts.Writes++
	return c.body(), true
}

// chatBody gives the Chat as it is.
func (s *Simulator) chatBody(id int64) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.chats[id]
	if !ok {
		return nil, false
	}
	return c.body(), true
}

func (c *chat) state() ChatState {
	b := synthesize(c.id)
	state := ChatState{ID: c.id, ReadByAgent: c.readByAgent, ReadByCustomer: c.readByCustomer, Writes: c.writes, LastWrite: c.lastWrite}
	if b.Customer != nil && b.Customer.Name != nil {
		state.Customer = *b.Customer.Name
	}
	if b.LastMessageText != nil {
		state.LastMessage = *b.LastMessageText
	}
	return state
}
