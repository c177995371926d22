package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"
)

// chat is one chat with its state.
type chat struct {
	id             int64
	readByAgent    bool
	readByCustomer bool
	writes         int
	lastWrite      time.Time
}

// chatBody is the Chat as documented, in the documented order. Timestamps come as strings, as strings with a fraction, as
// numbers and as null in HelpCrunch's own samples, hence any.
type chatBody struct {
	ID                      int64       `json:"id"`
	ClosedBy                *string     `json:"closedBy"`
	LastCustomerMessageAt   any         `json:"lastCustomerMessageAt"`
	Status                  string      `json:"status"`
	ClosedAt                any         `json:"closedAt"`
	Rating                  *string     `json:"rating"`
	CreatedAt               any         `json:"createdAt"`
	LastMessageAt           any         `json:"lastMessageAt"`
	CreatedWith             string      `json:"createdWith"`
	SnoozedUntil            any         `json:"snoozedUntil"`
	LastMessageText         *string     `json:"lastMessageText"`
	LastMessageID           *int64      `json:"lastMessageId"`
	ApplicationID           int64       `json:"applicationId"`
	ReadByAgent             bool        `json:"readByAgent"`
	ReadByCustomer          bool        `json:"readByCustomer"`
	LastCommunicatedAgentID *int64      `json:"lastCommunicatedAgentId"`
	Agents                  []agent     `json:"agents"`
	Customer                *customer   `json:"customer"`
	Assignee                *agent      `json:"assignee"`
	Department              *department `json:"department"`
}

type agent struct {
	ID    int64  `json:"id"`
	Name  string `json:"name"`
	Email string `json:"email"`
	Role  string `json:"role"`
}

type customer struct {
	ID     int64   `json:"id"`
	Name   *string `json:"name"`
	Email  *string `json:"email"`
	UserID *string `json:"userId"`
}

type department struct {
	ID   int64  `json:"id"`
	Name string `json:"name"`
}

// body is the answer to a mark that was made.
func (c *chat) body() []byte {
	b := synthesize(c.id)
	b.ReadByAgent, b.ReadByCustomer = c.readByAgent, c.readByCustomer
	return encode(b)
}

// encode writes JSON as PHP's json_encode does by default where that differs visibly: slashes are escaped. A client that
// decodes and encodes again gives itself away by that.
func encode(v any) []byte {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(fmt.Sprintf("a body of the simulator's own making is no JSON: %v", err))
	}
	return bytes.ReplaceAll(bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), []byte("/"), []byte(`\/`))
}
