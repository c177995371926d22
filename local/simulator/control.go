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

// controlRoutes are for a person with curl and for tests in another process. Nothing guards them but that browsers are
// kept from calling across origins: serve a simulator on loopback only.
func (s *Simulator) controlRoutes() http.Handler {
	mux := http.NewServeMux()
	var list strings.Builder
	list.WriteString("Controls of the HelpCrunch simulator, with an example of each body:\n\n")
	for _, c := range []struct {
		pattern, example string
		handler          http.HandlerFunc
	}{
		{"GET /_sim/state", "", s.getState},
		{"GET /_sim/requests", "", s.getRequests},
		{"POST /_sim/faults", `{"kind": "unavailable", "chat": 5208, "times": 3, "delay": "2s", "retryAfter": "5"}`, s.postFault},
		{"DELETE /_sim/faults", "", s.change(func() error { return s.SetFaults() })},
		{"PUT /_sim/limit", `{"requestsPerMinute": 10, "retryAfter": "seconds"}`, s.putLimit},
		{"POST /_sim/keys", `{"key": "one-more-key"}`, s.postKey},
		{"PUT /_sim/keys", `{"keys": ["the-only-key"]}`, s.putKeys},
		{"DELETE /_sim/keys", "", s.change(func() error { return s.SetKeys() })},
		{"PUT /_sim/chats/{id}", `{"readByAgent": true, "readByCustomer": false}`, s.putChat},
		{"POST /_sim/chats/{id}/messages", `{"from": "customer", "beforeNextCall": true}`, s.postMessage},
		{"POST /_sim/reset", "", s.change(func() error { s.Reset(); return nil })},
	} {
		mux.HandleFunc(c.pattern, c.handler)
		fmt.Fprintf(&list, "  %-32s %s\n", c.pattern, c.example)
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

// decode reads a whole JSON value strictly, and answers 400 when it is not what was expected.
func decode(w http.ResponseWriter, r *http.Request, into any) bool {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 1<<20))
	if err == nil {
		err = strictJSON(body, into)
	}
	if err != nil {
		refuse(w, err)
		return false
	}
	return true
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

func pathID(w http.ResponseWriter, r *http.Request) (int64, bool) {
	id, err := strconv.ParseInt(r.PathValue("id"), 10, 64)
	if err != nil {
		refuse(w, fmt.Errorf("%q is not an id", r.PathValue("id")))
		return 0, false
	}
	return id, true
}

func refuse(w http.ResponseWriter, err error) { say(w, http.StatusBadRequest, failure{err.Error()}) }

// failure is the control API's error body.
type failure struct {
	Error string `json:"error"`
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

// done answers a change with the settings that it led to, or with what was wrong about it.
func (s *Simulator) done(w http.ResponseWriter, err error) {
	if err != nil {
		refuse(w, err)
		return
	}
	state := s.State()
	say(w, http.StatusOK, map[string]any{"limit": state.Limit, "acceptedKeys": state.AcceptedKeys, "faults": state.Faults})
}
