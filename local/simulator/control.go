package simulator

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
)

// controlPrefix is below what the control API is. HelpCrunch has no such path.
const controlPrefix = "/_sim/"

// control is one control: a pattern of http.ServeMux, and an example of the body it takes.
type control struct {
	pattern, example string
	handler          http.HandlerFunc
}

func (s *Simulator) controls() []control {
	return []control{
		{"GET /_sim/state", "", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, s.State()) }},
		{"GET /_sim/requests", "", func(w http.ResponseWriter, _ *http.Request) { say(w, http.StatusOK, s.Requests(0)) }},
		{"POST /_sim/faults", `{"kind": "unavailable", "chat": 5208, "times": 3, "delay": "2s", "retryAfter": "5"}`, set(s, s.AddFault)},
		{"DELETE /_sim/faults", "", func(w http.ResponseWriter, _ *http.Request) { s.done(w, s.SetFaults()) }},
		{"PUT /_sim/limit", `{"requestsPerMinute": 10}`, set(s, func(in struct{ RequestsPerMinute int }) error { return s.SetLimit(in.RequestsPerMinute) })},
		{"POST /_sim/keys", `{"key": "one-more-key"}`, set(s, func(in struct{ Key string }) error { return s.AcceptKey(in.Key) })},
		{"PUT /_sim/keys", `{"keys": ["the-only-key"]}`, set(s, func(in struct{ Keys []string }) error { return s.SetKeys(in.Keys...) })},
		{"POST /_sim/chats/{id}/messages", `{"from": "customer", "beforeNextCall": true}`, s.postMessage},
	}
}

// controlRoutes are for a person with curl and for tests in another process. Nothing guards them but that browsers are
// kept from calling across origins: serve a simulator on loopback only.
func (s *Simulator) controlRoutes() http.Handler {
	mux := http.NewServeMux()
	var list strings.Builder
	list.WriteString("Controls of the HelpCrunch simulator, with an example of each body:\n\n")
	for _, c := range s.controls() {
		mux.HandleFunc(c.pattern, c.handler)
		list.WriteString(strings.TrimRight(fmt.Sprintf("  %-32s %s", c.pattern, c.example), " ") + "\n")
	}
	fmt.Fprintf(&list, "\nKinds of faults: %s\n", kindNames())
	mux.HandleFunc(controlPrefix, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		if r.Method != http.MethodGet || r.URL.Path != controlPrefix {
			w.WriteHeader(http.StatusNotFound)
			fmt.Fprintf(w, "%s %s is not a control.\n\n", r.Method, r.URL.Path)
		}
		fmt.Fprint(w, list.String())
	})
	return mux
}

func (s *Simulator) postMessage(w http.ResponseWriter, r *http.Request) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		refuse(w, fmt.Errorf("%q is not an id", r.PathValue("id")))
		return
	}
	set(s, func(m Message) error { return s.AddMessage(id, m) })(w, r)
}

// set is a control that changes something by a JSON value, which is read strictly.
func set[T any](s *Simulator, change func(T) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		var in T
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
		if err == nil {
			err = strictJSON(body, &in)
		}
		if err == nil {
			err = change(in)
		}
		s.done(w, err)
	}
}

func strictJSON(body []byte, into any) error {
	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		if errors.Is(err, io.EOF) {
			return errors.New("the body is empty: it must be JSON")
		}
		return fmt.Errorf("the body: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return errors.New("the body: something follows the JSON value")
	}
	return nil
}

// done answers a change with the settings that it led to, or with what was wrong about it.
func (s *Simulator) done(w http.ResponseWriter, err error) {
	if err != nil {
		refuse(w, err)
		return
	}
	state := s.State()
	say(w, http.StatusOK, map[string]any{"limit": state.Limit, "acceptedKeys": state.AcceptedKeys, "faults": state.Faults})
}

func refuse(w http.ResponseWriter, err error) {
	say(w, http.StatusBadRequest, map[string]string{"error": err.Error()})
}

func say(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(v) // a client that has gone is no concern of the handler's
}
