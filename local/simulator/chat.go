package simulator

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"
)

// The chats at the start: between them every field comes as null and in each of its forms, and ids go beyond 2^53. Nobody
// in them is real; example.com belongs to nobody.
//
//go:embed samples/chats.json
var sampleChats []byte

//go:embed samples/agents.json
var sampleAgents []byte

// chat is one chat with its state: the Chat as HelpCrunch returns it, and what only the simulator knows.
type chat struct {
	chatBody
	writes  int
	awaited []string // who writes just before the next mark is made, in their order
}

// chatBody is the Chat as documented, in the documented order. Timestamps come as strings, as strings with a fraction, as
// numbers and as null in HelpCrunch's own samples, hence any; what never changes is kept as it is written.
type chatBody struct {
	ID                      int64           `json:"id"`
	ClosedBy                json.RawMessage `json:"closedBy"`
	LastCustomerMessageAt   any             `json:"lastCustomerMessageAt"`
	Status                  json.RawMessage `json:"status"`
	ClosedAt                json.RawMessage `json:"closedAt"`
	Rating                  json.RawMessage `json:"rating"`
	CreatedAt               json.RawMessage `json:"createdAt"`
	LastMessageAt           any             `json:"lastMessageAt"`
	CreatedWith             json.RawMessage `json:"createdWith"`
	SnoozedUntil            json.RawMessage `json:"snoozedUntil"`
	LastMessageText         *string         `json:"lastMessageText"`
	LastMessageID           *int64          `json:"lastMessageId"`
	ApplicationID           json.RawMessage `json:"applicationId"`
	ReadByAgent             bool            `json:"readByAgent"`
	ReadByCustomer          bool            `json:"readByCustomer"`
	LastCommunicatedAgentID json.RawMessage `json:"lastCommunicatedAgentId"`
	Agents                  json.RawMessage `json:"agents"`
	Customer                json.RawMessage `json:"customer"`
	Assignee                json.RawMessage `json:"assignee"`
	Department              json.RawMessage `json:"department"`
}

// samples are the chats at the start, by ascending ids without a gap.
var samples = sync.OnceValue(func() (list []chatBody) {
	decoder := json.NewDecoder(bytes.NewReader(sampleChats))
	decoder.UseNumber()
	if err := decoder.Decode(&list); err != nil {
		panic(fmt.Sprintf("the sample chats: %v", err))
	}
	return list
})

// newChat makes a chat from a sample: the same id is always the same chat.
func newChat(id int64) *chat {
	c := &chat{chatBody: samples()[uint64(id-samples()[0].ID)%uint64(len(samples()))]}
	c.ID = id
	return c
}

func firstChats() map[int64]*chat {
	chats := make(map[int64]*chat)
	for _, sample := range samples() {
		chats[sample.ID] = newChat(sample.ID)
	}
	return chats
}

// receive lets a message arrive. Whoever did not write it has not read it.
func (c *chat) receive(from string, now time.Time) {
	at := now.Unix()
	if newest := max(seconds(c.LastMessageAt), seconds(c.LastCustomerMessageAt)); at < newest {
		at = newest + 1 // a clock that is behind the sample messages, as in a synctest bubble
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
	if timestamp == nil {
		return 0
	}
	whole, _, _ := strings.Cut(fmt.Sprint(timestamp), ".")
	n, _ := strconv.ParseInt(whole, 10, 64) // a sample, or written by likewise
	return n
}

// likewise writes a time in the form of the timestamp that it replaces; null has none and becomes a number.
func likewise(old any, at int64) any {
	text, isString := old.(string)
	_, fraction, _ := strings.Cut(text, ".")
	switch {
	case !isString:
		return at
	case fraction != "":
		return strconv.FormatInt(at, 10) + "." + fraction
	}
	return strconv.FormatInt(at, 10)
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
