package page

import (
	"encoding/json"
	"time"

	"helpcrunch-mark-read/local/lambda"
)

// Attempt is one attempt as a function logged it.
type Attempt struct {
	Number     int64     `json:"number"` // from 1, in the order of the lines
	Time       time.Time `json:"time"`   // when the line came
	Door       string    `json:"door"`   // the function's name: http or queue
	Outcome    string    `json:"outcome"`
	Chat       int64     `json:"chat,omitempty"` // 0 when the input was no mark
	Reader     string    `json:"reader,omitempty"`
	Read       bool      `json:"read"`
	Status     int       `json:"status,omitempty"` // HelpCrunch's; 0 when it gave none
	Action     string    `json:"action,omitempty"` // what was done with the message; empty at the HTTP door
	Receives   int       `json:"receives,omitempty"`
	Merged     int64     `json:"merged,omitempty"` // older messages that went with this one
	DurationMs float64   `json:"durationMs"`
}

// parseAttempt reads a log line. Functions may print anything, so what does not fit is no attempt.
func parseAttempt(line lambda.Line) (Attempt, bool) {
	var in struct {
		Message      string  `json:"message"`
		Outcome      string  `json:"outcome"`
		ChatID       int64   `json:"chatId"`
		Reader       string  `json:"reader"`
		Read         bool    `json:"read"`
		Status       int     `json:"status"`
		Action       string  `json:"action"`
		ReceiveCount int     `json:"receiveCount"`
		Coalesced    int64   `json:"coalesced"`
		DurationMs   float64 `json:"durationMs"`
	}
	if json.Unmarshal([]byte(line.Text), &in) != nil || in.Message != "attempt" || in.Outcome == "" {
		return Attempt{}, false
	}
	return Attempt{
		Time: time.Now(), Door: line.Function, Outcome: in.Outcome, Chat: in.ChatID, Reader: in.Reader, Read: in.Read, Status: in.Status,
		Action: in.Action, Receives: in.ReceiveCount, Merged: in.Coalesced, DurationMs: in.DurationMs,
	}, true
}
