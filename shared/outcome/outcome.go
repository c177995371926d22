// Package outcome is the one place that decides what an attempt to mark a chat came to, and what follows from it.
// The table is in table.go.
package outcome

import (
	"slices"
	"strings"
	"time"

	"helpcrunch-mark-read/shared/helpcrunch"
	"helpcrunch-mark-read/shared/mark"
)

// Outcome names what an attempt came to, in logs, metrics, dead letters and HTTP answers.
type Outcome string

// Every attempt ends in exactly one of these.
const (
	Applied        Outcome = "applied"
	KeyRejected    Outcome = "key_rejected"
	RateLimited    Outcome = "rate_limited"
	InvalidRequest Outcome = "invalid_request"
	ChatNotFound   Outcome = "chat_not_found"
	KeyUnavailable Outcome = "key_unavailable"
	TimedOut       Outcome = "timed_out"
	Unavailable    Outcome = "unavailable"
	Unexpected     Outcome = "unexpected"
)

// Action is what the queue function does with a message.
type Action string

// The three queue actions.
const (
	Delete     Action = "delete"
	Hold       Action = "hold"
	DeadLetter Action = "dead-letter"
)

// Evidence is what an attempt left behind: an answer of HelpCrunch's, or the error that kept it from having one.
type Evidence struct {
	Answer *helpcrunch.Answer
	Err    error
}

// Verdict is an outcome with what follows from it (the row) and its reason.
type Verdict struct {
	*Row
	Status     int                // HelpCrunch's; 0 when it gave none
	Codes      []string           // HelpCrunch's
	Reason     string             // for the operator; holds nothing that HelpCrunch sent
	Messages   []string           // HelpCrunch's own words about it; for the dead letter, never for a log
	Faults     []mark.Fault       // what is wrong with an input that is no mark
	RetryAfter time.Duration      // how long HelpCrunch must not be called; 0 when nobody said so
	Answer     *helpcrunch.Answer // nil when HelpCrunch gave none
	Transient  bool               // one more try at once may help
}

// maxTold is how many entries of HelpCrunch's error list a verdict repeats, for logs and dead letters. All of them decide.
const maxTold = 10

// Decide gives the verdict on an attempt.
func Decide(e Evidence) Verdict {
	row := &table[slices.IndexFunc(table, func(r Row) bool { return r.matches(e) })]
	v := Verdict{Row: row, Answer: e.Answer, Transient: transient(e)}
	if e.Answer == nil {
		v.Reason, v.Faults, v.RetryAfter = e.Err.Error(), faults(e), pause(e)
		return v
	}
	v.Status, v.RetryAfter = e.Answer.Status, e.Answer.RetryAfter
	v.Reason = row.Operator
	for _, entry := range e.Answer.Errors[:min(len(e.Answer.Errors), maxTold)] {
		v.Codes = append(v.Codes, entry.Code)
		if entry.Message != "" {
			v.Messages = append(v.Messages, withoutAddresses(entry.Message))
		}
	}
	return v
}

// withoutAddresses masks e-mail addresses: HelpCrunch's words about an error go on to the dead letter, its users' data do not.
func withoutAddresses(s string) string {
	words := strings.Split(s, " ")
	for i, word := range words {
		if strings.Contains(strings.Trim(word, "@"), "@") {
			words[i] = "[e-mail]"
		}
	}
	return strings.Join(words, " ")
}
