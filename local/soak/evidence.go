package main

import (
	"encoding/json"
	"strconv"
	"time"

	"helpcrunch-mark-read/local/simulator"
	"helpcrunch-mark-read/local/sqs"
)

// evidence is what is known besides the batches: what the queue function told, what is in the dead-letter queue, and what
// HelpCrunch saw.
type evidence struct {
	lines   map[delivery]attemptLine
	bodies  map[string]string   // of all messages that were ever delivered, by id
	letters map[string][]letter // by the id of the message that is dead
	calls   map[target][]call   // roughly in the order of their arrival
}

func newEvidence() evidence {
	return evidence{map[delivery]attemptLine{}, map[string]string{}, map[string][]letter{}, map[target][]call{}}
}

// attemptLine is what the queue function tells of an attempt.
type attemptLine struct {
	Message, RequestID, MessageID, Action, Outcome string
	ReceiveCount, Coalesced                        int
}

func readLine(text string) (line attemptLine, ok bool) {
	_ = json.Unmarshal([]byte(text), &line) // a line that is no JSON tells of no attempt
	return line, line.Message == "attempt" && line.MessageID != ""
}

// letter is one dead letter.
type letter struct {
	message, body, outcome string
	status                 int
	sent                   time.Time
}

func readLetter(m sqs.Message) letter {
	var source struct{ MessageID string }
	_ = json.Unmarshal([]byte(m.Attributes["Source"].StringValue), &source) // a letter without it is of no message that is known
	status, _ := strconv.Atoi(m.Attributes["HttpStatus"].StringValue)       // absent where HelpCrunch gave no answer
	return letter{source.MessageID, m.Body, m.Attributes["Outcome"].StringValue, status, m.SentAt}
}

// call is one call as HelpCrunch saw it.
type call struct {
	at      time.Time
	read    bool
	status  int
	outcome string // empty unless it ends a message for good
}

// outcomeOf says what a call that HelpCrunch has answered so comes to, if that ends its message.
func outcomeOf(status int, fault simulator.Kind) string {
	switch fault {
	case simulator.BadRequest, simulator.Unprocessable:
		return "invalid_request"
	case simulator.NotFoundUnknownCode, simulator.NotFoundHTML, simulator.HTML, simulator.NotApplied:
		return ""
	}
	switch {
	case status/100 == 2:
		return "applied"
	case status == 404:
		return "chat_not_found"
	}
	return ""
}

// answered looks for a call between two moments.
func (e *evidence) answered(t target, from, to time.Time, fits func(call) bool) bool {
	const disorder = time.Minute // calls are noted when they end
	calls := e.calls[t]
	for i := len(calls) - 1; i >= 0 && calls[i].at.After(from.Add(-disorder)); i-- {
		if c := calls[i]; !c.at.Before(from) && !c.at.After(to) && fits(c) {
			return true
		}
	}
	return false
}

// readWish reads a message's body as it is sent here; ok is false for one that is no mark.
func readWish(body string) (w wish, ok bool) {
	var in struct {
		ID     int64
		Reader string
		Read   bool
	}
	if json.Unmarshal([]byte(body), &in) != nil {
		return wish{}, false
	}
	return wish{target{in.ID, in.Reader}, in.Read}, true
}
