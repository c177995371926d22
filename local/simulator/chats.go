package simulator

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// The two readers of a chat, as the journal names them. Each of them also writes.
const (
	Agent    = "agent"
	Customer = "customer"
)

// ChatState is the state of one chat, with enough of it to be shown as a line of an inbox. The people are made up.
type ChatState struct {
	ID                    int64  `json:"id"`
	Customer              string `json:"customer"`      // "" for a chat that knows no name
	LastMessage           string `json:"lastMessage"`   // "" for a chat without a message
	LastMessageAt         int64  `json:"lastMessageAt"` // Unix seconds; 0 where HelpCrunch returns null
	LastCustomerMessageAt int64  `json:"lastCustomerMessageAt"`
	ReadByAgent           bool   `json:"readByAgent"`
	ReadByCustomer        bool   `json:"readByCustomer"`
	Writes                int    `json:"writes"` // marks made, repeated ones included
}

// Message is a message that arrives in a chat. Whoever did not write it has not read it: a customer's message sets
// readByAgent to false, an agent's readByCustomer.
type Message struct {
	From string `json:"from"` // Agent or Customer
	// BeforeNextCall lets it arrive while the next mark of the chat is on its way: after the mark was requested, just
	// before HelpCrunch makes it.
	BeforeNextCall bool `json:"beforeNextCall"`
}

// Chat returns the state of one chat; false when there is none of this id.
func (s *Simulator) Chat(id int64) (ChatState, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.chats[id]
	if !ok {
		return ChatState{}, false
	}
	return c.state(), true
}

// Chats returns the state of every chat, by id.
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
		maps.Copy(s.chats, newChats(id))
	}
	s.chats[id].ReadByAgent, s.chats[id].ReadByCustomer = readByAgent, readByCustomer
	s.changed()
	return nil
}

// AddMessage lets a message arrive in a chat, now or with the next mark.
func (s *Simulator) AddMessage(id int64, m Message) error {
	if m.From != Agent && m.From != Customer {
		return fmt.Errorf("a message is from %q or %q, not %q", Agent, Customer, m.From)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.chats[id]
	if !ok {
		return fmt.Errorf("there is no chat %d", id)
	}
	if m.BeforeNextCall {
		c.awaited = append(c.awaited, m.From)
	} else {
		c.receive(m.From, time.Now())
	}
	s.changed()
	return nil
}

// write makes a mark and returns the Chat as it is then; false when there is no such chat.
func (s *Simulator) write(m mark) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.chats[m.id]
	if !ok {
		return nil, false
	}
	for _, from := range c.awaited {
		c.receive(from, time.Now())
	}
	c.awaited = nil
	if m.reader == Agent {
		c.ReadByAgent = m.read
	} else {
		c.ReadByCustomer = m.read
	}
	c.writes++
	s.journal.counts.Writes++
	return encode(c.chatBody), true
}

// chatBody returns the Chat as it is.
func (s *Simulator) chatBody(id int64) ([]byte, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.chats[id]
	if !ok {
		return nil, false
	}
	return encode(c.chatBody), true
}

func (c *chat) state() ChatState {
	state := ChatState{
		ID: c.ID, Customer: c.customer, ReadByAgent: c.ReadByAgent, ReadByCustomer: c.ReadByCustomer, Writes: c.writes,
		LastMessageAt: seconds(c.LastMessageAt), LastCustomerMessageAt: seconds(c.LastCustomerMessageAt),
	}
	if c.LastMessageText != nil {
		state.LastMessage = *c.LastMessageText
	}
	return state
}
