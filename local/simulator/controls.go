package simulator

import (
	"fmt"
	"net/http"
	"strconv"
)

func (s *Simulator) getState(w http.ResponseWriter, _ *http.Request) { s.done(w, nil) }

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

func (s *Simulator) getFaults(w http.ResponseWriter, _ *http.Request) {
	say(w, http.StatusOK, s.State().Faults)
}

func (s *Simulator) putFaults(w http.ResponseWriter, r *http.Request) {
	var list []Fault
	if decode(w, r, &list) {
		s.done(w, s.SetFaults(list...))
	}
}

func (s *Simulator) postFault(w http.ResponseWriter, r *http.Request) {
	var f Fault
	if !decode(w, r, &f) {
		return
	}
	id, err := s.AddFault(f)
	if err != nil {
		refuse(w, err)
		return
	}
	f.ID = id
	say(w, http.StatusCreated, f)
}

func (s *Simulator) deleteFaults(w http.ResponseWriter, _ *http.Request) { s.done(w, s.SetFaults()) }

func (s *Simulator) deleteFault(w http.ResponseWriter, r *http.Request) {
	id, ok := pathID(w, r)
	if !ok {
		return
	}
	if !s.RemoveFault(id) {
		say(w, http.StatusNotFound, failure{fmt.Sprintf("no fault %d is switched on", id)})
		return
	}
	s.done(w, nil)
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

func (s *Simulator) putFamily(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Family Family `json:"family"`
	}
	if decode(w, r, &in) {
		s.done(w, s.SetFamily(in.Family))
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

func (s *Simulator) deleteKeys(w http.ResponseWriter, _ *http.Request) { s.done(w, s.SetKeys()) }

func (s *Simulator) putChat(w http.ResponseWriter, r *http.Request) {
	id, ok := pathID(w, r)
	if !ok {
		return
	}
	var in struct {
		ReadByAgent    bool `json:"readByAgent"`
		ReadByCustomer bool `json:"readByCustomer"`
	}
	if decode(w, r, &in) {
		s.done(w, s.SetChat(id, in.ReadByAgent, in.ReadByCustomer))
	}
}

func (s *Simulator) deleteChat(w http.ResponseWriter, r *http.Request) {
	id, ok := pathID(w, r)
	if !ok {
		return
	}
	if !s.RemoveChat(id) {
		say(w, http.StatusNotFound, failure{fmt.Sprintf("there is no chat %d", id)})
		return
	}
	s.done(w, nil)
}

func (s *Simulator) postReset(w http.ResponseWriter, _ *http.Request) {
	s.Reset()
	s.done(w, nil)
}
