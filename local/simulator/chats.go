package simulator

import (
	"encoding/json"
	"fmt"
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

// SetChat sets both flags of a chat, which comes to be if it is not there. It is not counted as a write.
func (s *Simulator) SetChat(id int64, readByAgent, readByCustomer bool) error {
	if id < 1 {
		return fmt.Errorf("chat id %d: ids start at 1", id)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.chats[id] == nil {
		s.chats[id] = newChat(id)
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

// write makes a mark and returns the Chat as it is then.
func (c *chat) write(reader string, read bool) []byte {
	for _, from := range c.awaited {
		c.receive(from, time.Now())
	}
	c.awaited = nil
	if reader == Agent {
		c.ReadByAgent = read
	} else {
		c.ReadByCustomer = read
	}
	c.writes++
	return encode(c.chatBody)
}

func (c *chat) state() ChatState {
	var person struct{ Name string }
	_ = json.Unmarshal(c.Customer, &person) // null for a chat without one
	state := ChatState{
		ID: c.ID, Customer: person.Name, ReadByAgent: c.ReadByAgent, ReadByCustomer: c.ReadByCustomer, Writes: c.writes,
		LastMessageAt: seconds(c.LastMessageAt), LastCustomerMessageAt: seconds(c.LastCustomerMessageAt),
	}
	if c.LastMessageText != nil {
		state.LastMessage = *c.LastMessageText
	}
	return state
}
