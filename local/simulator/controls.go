package simulator

import (
	"fmt"
	"net/http"
	"strconv"
)

func (s *Simulator) getState(w http.ResponseWriter, _ *http.Request) {
	say(w, http.StatusOK, s.State())
}

func (s *Simulator) getRequests(w http.ResponseWriter, r *http.Request) {
	since := int64(0)
	if text := r.URL.Query().Get("since"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			refuse(w, fmt.Errorf("since must be the number of a request, not %q", text))
			return
		}
		since = n
	}
	say(w, http.StatusOK, s.Requests(since))
}

// change is a control without a body.
func (s *Simulator) change(do func() error) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { s.done(w, do()) }
}

func (s *Simulator) postFault(w http.ResponseWriter, r *http.Request) {
	var f Fault
	if decode(w, r, &f) {
		_, err := s.AddFault(f)
		s.done(w, err)
	}
}

func (s *Simulator) putLimit(w http.ResponseWriter, r *http.Request) {
	var in struct {
		RequestsPerMinute int        `json:"requestsPerMinute"`
		RetryAfter        RetryAfter `json:"retryAfter"`
	}
	if decode(w, r, &in) {
		s.done(w, s.SetLimit(in.RequestsPerMinute, in.RetryAfter))
	}
}

func (s *Simulator) putKeys(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Keys []string `json:"keys"`
	}
	if decode(w, r, &in) {
		s.done(w, s.SetKeys(in.Keys...))
	}
}

func (s *Simulator) postKey(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Key string `json:"key"`
	}
	if decode(w, r, &in) {
		s.done(w, s.AcceptKey(in.Key))
	}
}

func (s *Simulator) putChat(w http.ResponseWriter, r *http.Request) {
	var in struct {
		ReadByAgent    bool `json:"readByAgent"`
		ReadByCustomer bool `json:"readByCustomer"`
	}
	if id, ok := pathID(w, r); ok && decode(w, r, &in) {
		s.done(w, s.SetChat(id, in.ReadByAgent, in.ReadByCustomer))
	}
}

func (s *Simulator) postMessage(w http.ResponseWriter, r *http.Request) {
	var m Message
	if id, ok := pathID(w, r); ok && decode(w, r, &m) {
		s.done(w, s.AddMessage(id, m))
	}
}
