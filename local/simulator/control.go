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
	routes := []struct {
		pattern string
		handler http.HandlerFunc
	}{
		{"GET /_sim/state", s.getState},
		{"GET /_sim/requests", s.getRequests},
		{"GET /_sim/faults", s.getFaults},
		{"PUT /_sim/faults", s.putFaults},
		{"POST /_sim/faults", s.postFault},
		{"DELETE /_sim/faults", s.deleteFaults},
		{"DELETE /_sim/faults/{id}", s.deleteFault},
		{"PUT /_sim/limit", s.putLimit},
		{"PUT /_sim/family", s.putFamily},
		{"PUT /_sim/keys", s.putKeys},
		{"POST /_sim/keys", s.postKey},
		{"DELETE /_sim/keys", s.deleteKeys},
		{"PUT /_sim/chats/{id}", s.putChat},
		{"DELETE /_sim/chats/{id}", s.deleteChat},
		{"POST /_sim/reset", s.postReset},
	}
	mux := http.NewServeMux()
	var known []string
	for _, route := range routes {
		mux.HandleFunc(route.pattern, route.handler)
		known = append(known, route.pattern)
	}
	mux.HandleFunc(controlPrefix, func(w http.ResponseWriter, r *http.Request) {
		text := fmt.Sprintf("%s %s is no control: there are %s", r.Method, r.URL.Path, strings.Join(known, ", "))
		say(w, http.StatusNotFound, failure{text})
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
		refuse(w, fmt.Errorf("%q is no id", r.PathValue("id")))
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

// done answers a change with what it led to, or with what was wrong about it.
func (s *Simulator) done(w http.ResponseWriter, err error) {
	if err != nil {
		refuse(w, err)
		return
	}
	say(w, http.StatusOK, s.State())
}
