// Package outcome is the one place that decides how an attempt to mark a chat ended, and what follows from it.
// The table is in table.go.
package outcome

import (
	"errors"
	"slices"
	"strings"
	"time"

	"helpcrunch-mark-read/shared/helpcrunch"
	"helpcrunch-mark-read/shared/mark"
	"helpcrunch-mark-read/shared/pace"
)

// Outcome names how an attempt ended, in logs, metrics, dead letters and HTTP answers.
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

// Evidence is what decides an attempt: HelpCrunch's answer, or the error because of which there is none.
type Evidence struct {
	Answer    *helpcrunch.Answer
	Forbidden bool // the answer is a 403, and another chat was answered 403 too: it is the key that is refused
	Err       error
}

// Verdict is an outcome with its reason and with what follows from it: its row of the table.
type Verdict struct {
	*Row
	Status     int                // HelpCrunch's; 0 when there was no answer
	Codes      []string           // HelpCrunch's
	Reason     string             // for the operator; holds nothing that HelpCrunch sent
	Messages   []string           // HelpCrunch's own words about it; for the dead letter, never for a log
	Faults     []mark.Fault       // what is wrong with an invalid message or body
	RetryAfter time.Duration      // how long HelpCrunch asked not to be called, or its pause still lasts; 0 when it did not ask
	Answer     *helpcrunch.Answer // nil when there was none
	RetryOnce  bool               // one more try at once may help
}

// maxEntries is how many entries of HelpCrunch's error list a verdict repeats, for logs and dead letters. All of them decide.
const maxEntries = 10

// Decide returns the verdict on an attempt.
func Decide(e Evidence) Verdict {
	row := &table[slices.IndexFunc(table, func(r Row) bool { return r.matches(e) })]
	v := Verdict{Row: row, Answer: e.Answer, RetryOnce: row.retryOnce != nil && row.retryOnce(e)}
	if e.Answer == nil {
		v.Reason, v.Faults = e.Err.Error(), faults(e)
		if paused, ok := errors.AsType[*pace.PausedError](e.Err); ok {
			v.RetryAfter = max(time.Until(paused.Until), 1)
		}
		return v
	}
	v.Status, v.RetryAfter, v.Reason = e.Answer.Status, e.Answer.RetryAfter, row.Operator
	for _, entry := range e.Answer.Errors[:min(len(e.Answer.Errors), maxEntries)] {
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
