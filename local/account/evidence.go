package account

import (
	"encoding/json"
	"strconv"
	"time"

	"helpcrunch-mark-read/local/simulator"
	"helpcrunch-mark-read/local/sqs"
)

// evidence is what is known besides the batches: what the queue function logged, what is in the dead-letter queue, and what
// HelpCrunch saw.
type evidence struct {
	lines  map[delivery]attemptLine
	bodies map[string]string       // of all messages that were ever delivered, by id
	dead   map[string][]deadLetter // by the id of the message that is dead
	calls  map[Target][]call       // roughly in the order of their arrival
}

func newEvidence() evidence {
	return evidence{map[delivery]attemptLine{}, map[string]string{}, map[string][]deadLetter{}, map[Target][]call{}}
}

// attemptLine is what the queue function logs of an attempt.
type attemptLine struct {
	Message, RequestID, MessageID, Action, Outcome string
	ReceiveCount, Coalesced                        int
	Overtaken                                      bool
}

func readLine(text string) (line attemptLine, ok bool) {
	_ = json.Unmarshal([]byte(text), &line) // a line that is not JSON reports no attempt
	return line, line.Message == "attempt" && line.MessageID != ""
}

// deadLetter is one message in the dead-letter queue.
type deadLetter struct {
	message, body, outcome, reason string
	status                         int
	sent                           time.Time
}

func readDeadLetter(m sqs.Message) deadLetter {
	var source struct{ MessageID string }
	_ = json.Unmarshal([]byte(m.Attributes["Source"].StringValue), &source) // one without it is of no known message
	status, _ := strconv.Atoi(m.Attributes["HttpStatus"].StringValue)       // absent where HelpCrunch did not answer
	return deadLetter{source.MessageID, m.Body, m.Attributes["Outcome"].StringValue, m.Attributes["ErrorMessage"].StringValue, status, m.SentAt}
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
func (e *evidence) answered(t Target, from, to time.Time, fits func(call) bool) bool {
	const disorder = time.Minute // calls are noted when they end
	calls := e.calls[t]
	for i := len(calls) - 1; i >= 0 && calls[i].at.After(from.Add(-disorder)); i-- {
		if c := calls[i]; !c.at.Before(from) && !c.at.After(to) && fits(c) {
			return true
		}
	}
	return false
}

// readUpdate reads a message's body as it is sent here; ok is false for an invalid one.
func readUpdate(body string) (u update, ok bool) {
	var in struct {
		ID     int64
		Reader string
		Read   bool
	}
	if json.Unmarshal([]byte(body), &in) != nil {
		return update{}, false
	}
	return update{Target{in.ID, in.Reader}, in.Read}, true
}
