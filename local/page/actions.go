package page

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
)

// result is what an action came to, in the words of the page.
type result struct {
	Text   string `json:"text"`
	Answer string `json:"answer,omitempty"` // the HTTP API's last answer, as it came
	Failed bool   `json:"failed,omitempty"` // the HTTP API refused
}

// action is one thing that a button of the page does. An error is shown to its user.
type action func(p *Page, ctx context.Context, in input) (result, error)

// input is what any action may use.
type input struct {
	Via            string `json:"via"`         // http, async (the HTTP API with Prefer: respond-async) or queue
	Chat           int64  `json:"chat,string"` // of a mark or a message
	Reader         string `json:"reader"`      // agent or customer
	Read           bool   `json:"read"`
	AsOf           int64  `json:"asOf"`           // the mark's bound, Unix seconds; 0 for none
	From           string `json:"from"`           // who writes a message: agent or customer
	BeforeNextCall bool   `json:"beforeNextCall"` // the message comes while the next mark is on its way
	Condition      string `json:"condition"`      // the name of what is to be wrong with HelpCrunch
	Limit          int    `json:"limit"`          // requests a minute, -1 for none
}

func findAction(name string) (action, bool) {
	a, ok := map[string]action{
		"mark":       (*Page).mark,
		"burst":      (*Page).burst,
		"contradict": (*Page).contradict,
		"unknown":    (*Page).markUnknown,
		"invalid":    (*Page).sendInvalid,
		"message":    (*Page).addMessage,
		"condition":  (*Page).setCondition,
		"limit":      (*Page).setLimit,
		"revoke":     (*Page).revokeKey,
		"rotate":     (*Page).rotateKey,
		"repair":     (*Page).repair,
		"pause":      (*Page).pause,
		"resume":     (*Page).resume,
	}[name]
	return a, ok
}

// maxInput bounds an action's body, in bytes.
const maxInput = 4 << 10

func (p *Page) act(w http.ResponseWriter, r *http.Request) {
	run, ok := findAction(r.PathValue("name"))
	if !ok {
		say(w, http.StatusNotFound, failure{"there is no such action"})
		return
	}
	in, err := readInput(http.MaxBytesReader(w, r.Body, maxInput))
	if err != nil {
		say(w, http.StatusBadRequest, failure{err.Error()})
		return
	}
	out, err := run(p, r.Context(), in)
	var wrong inputError
	switch {
	case errors.As(err, &wrong):
		say(w, http.StatusBadRequest, failure{err.Error()})
	case err != nil:
		say(w, http.StatusBadGateway, failure{err.Error()})
	default:
		say(w, http.StatusOK, out)
	}
}

// inputError is the fault of whoever called the action.
type inputError string

func (e inputError) Error() string { return string(e) }

func readInput(body io.Reader) (in input, err error) {
	decoder := json.NewDecoder(body)
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&in); err != nil {
		return in, fmt.Errorf("the action's body: %w", err)
	}
	return in, nil
}

type failure struct {
	Error string `json:"error"`
}

func say(w http.ResponseWriter, status int, v any) {
	var body bytes.Buffer
	if err := json.NewEncoder(&body).Encode(v); err != nil {
		panic(err) // strings and booleans can always be encoded
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body.Bytes()) // a client that has gone is no concern of the handler's
}
