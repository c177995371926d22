package page

import (
	"context"
	"encoding/json"
	"errors"
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
	Via            string `json:"via"` // http, async (the HTTP API with Prefer: respond-async) or queue
	mark                  // a message uses its chat
	From           string `json:"from"`           // who writes a message: agent or customer
	BeforeNextCall bool   `json:"beforeNextCall"` // the message comes while the next mark is on its way
	Condition      string `json:"condition"`      // the name of what is to be wrong with HelpCrunch
	Limit          int    `json:"limit"`          // requests a minute, -1 for none
}

var actions = map[string]action{
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
}

// maxInput bounds an action's body, in bytes.
const maxInput = 4 << 10

func (p *Page) act(w http.ResponseWriter, r *http.Request) {
	run, ok := actions[r.PathValue("name")]
	if !ok {
		say(w, http.StatusNotFound, failure("there is no such action"))
		return
	}
	var in input
	var out result
	decoder := json.NewDecoder(http.MaxBytesReader(w, r.Body, maxInput))
	decoder.DisallowUnknownFields()
	err := decoder.Decode(&in)
	if err != nil {
		err = inputError("the action's body: " + err.Error())
	} else {
		out, err = run(p, r.Context(), in)
	}
	var wrong inputError
	switch {
	case errors.As(err, &wrong):
		say(w, http.StatusBadRequest, failure(err.Error()))
	case err != nil:
		say(w, http.StatusBadGateway, failure(err.Error()))
	default:
		say(w, http.StatusOK, out)
	}
}

// inputError is the fault of whoever called the action.
type inputError string

func (e inputError) Error() string { return string(e) }

func failure(text string) map[string]string { return map[string]string{"error": text} }

func say(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a client that has gone is no concern of the handler's
}
