package simulator

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// chat is one chat with its state: the Chat as HelpCrunch returns it, and what only the simulator knows.
type chat struct {
	chatBody
	writes  int
	awaited []string // who writes just before the next mark is made, in their order
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

// receive lets a message arrive. Whoever did not write it has not read it.
func (c *chat) receive(from string, now time.Time) {
	at := now.Unix()
	if newest := max(seconds(c.LastMessageAt), seconds(c.LastCustomerMessageAt)); at < newest {
		at = newest + 1 // a clock that is behind the made-up messages, as in a synctest bubble
	}
	c.LastMessageAt = likewise(c.LastMessageAt, at)
	if from == Customer {
		c.LastCustomerMessageAt, c.ReadByAgent = likewise(c.LastCustomerMessageAt, at), false
	} else {
		c.ReadByCustomer = false
	}
	next := int64(1)
	if c.LastMessageID != nil {
		next += *c.LastMessageID
	}
	c.LastMessageID, c.LastMessageText = &next, new("A new message from the "+from)
}

// seconds reads a timestamp in any of HelpCrunch's forms; null is 0.
func seconds(timestamp any) int64 {
	switch t := timestamp.(type) {
	case int64:
		return t
	case string:
		whole, _, _ := strings.Cut(t, ".")
		n, _ := strconv.ParseInt(whole, 10, 64) // it was written by timestamp
		return n
	}
	return 0
}

// likewise writes a time in the form of the timestamp that it replaces; null has none and becomes a number.
func likewise(old any, at int64) any {
	text, isString := old.(string)
	switch {
	case !isString:
		return timestamp(1, at)
	case strings.Contains(text, "."):
		return timestamp(2, at)
	}
	return timestamp(0, at)
}

// encode writes JSON as PHP's json_encode does by default where that differs visibly: slashes are escaped. A client that
// decodes and encodes again is caught by that.
func encode(v any) []byte {
	var buffer bytes.Buffer
	encoder := json.NewEncoder(&buffer)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		panic(fmt.Sprintf("a body of the simulator's own making is not JSON: %v", err))
	}
	return bytes.ReplaceAll(bytes.TrimSuffix(buffer.Bytes(), []byte("\n")), []byte("/"), []byte(`\/`))
}
