package simulator

import (
	"net/http"
	"strconv"
	"time"
)

// redirected is where a redirect without a location of its own leads: a path that no API knows, so that a client that
// follows shows up in the journal.
const redirected = "/v1/redirected"

// fail answers a request as a fault does.
func (s *Simulator) fail(w http.ResponseWriter, r *http.Request, c *call, f Fault) {
	if f.Applied {
		s.make(c)
	}
	delay, _ := f.delay() // checked when it was added
	wait(r, delay)
	for name, value := range f.Header {
		w.Header().Set(name, value)
	}
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	spec, _ := findKind(f.Kind)
	spec.serve(s, w, r, c, f)
}

// wait lets time pass. A client that has gone meanwhile gets no answer, as net/http would otherwise send an empty 200.
func wait(r *http.Request, d time.Duration) {
	if d == 0 {
		return
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.Context().Done():
		panic(http.ErrAbortHandler)
	}
}

type serveFunc = func(*Simulator, http.ResponseWriter, *http.Request, *call, Fault)

func fixed(a answer) serveFunc {
	return func(_ *Simulator, w http.ResponseWriter, _ *http.Request, _ *call, _ Fault) { a.write(w) }
}

func serveAsUsual(s *Simulator, w http.ResponseWriter, _ *http.Request, c *call, _ Fault) {
	s.serve(w, c)
}

func hang(_ *Simulator, _ http.ResponseWriter, r *http.Request, _ *call, _ Fault) {
	<-r.Context().Done()
	panic(http.ErrAbortHandler)
}

func breakOff(*Simulator, http.ResponseWriter, *http.Request, *call, Fault) {
	panic(http.ErrAbortHandler)
}

// cutAt sends a share of the Chat that was promised.
func cutAt(share float64) serveFunc {
	return func(s *Simulator, w http.ResponseWriter, _ *http.Request, c *call, _ Fault) {
		body := s.chatOrSample(c)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		w.WriteHeader(http.StatusOK)
		_, _ = w.Write(body[:int(float64(len(body))*share)])
		_ = http.NewResponseController(w).Flush() // what cannot flush has at least the status
		panic(http.ErrAbortHandler)
	}
}

// chatOrSample makes the mark and returns the Chat; where none can be made, the sample of the documentation.
func (s *Simulator) chatOrSample(c *call) []byte {
	if s.make(c) {
		return c.made
	}
	return documentedChat
}

func redirect(_ *Simulator, w http.ResponseWriter, _ *http.Request, _ *call, f Fault) {
	location := f.Location
	if location == "" {
		location = redirected
	}
	w.Header().Set("Location", location)
	w.WriteHeader(statusOr(f, http.StatusTemporaryRedirect))
}

func page(_ *Simulator, w http.ResponseWriter, _ *http.Request, _ *call, f Fault) {
	htmlAnswer(statusOr(f, http.StatusOK), "Please log in").write(w)
}

func okSample(s *Simulator, w http.ResponseWriter, _ *http.Request, c *call, _ Fault) {
	s.make(c)
	jsonAnswer(http.StatusOK, documentedChat).write(w)
}

func notApplied(s *Simulator, w http.ResponseWriter, _ *http.Request, c *call, _ Fault) {
	body, ok := s.chatBody(c.mark.id)
	if !ok {
		chatNotFound.write(w)
		return
	}
	jsonAnswer(http.StatusOK, body).write(w)
}

func answerAsSet(s *Simulator, w http.ResponseWriter, _ *http.Request, c *call, f Fault) {
	if success(f.Status) {
		s.make(c)
	}
	contentType := w.Header().Get("Content-Type")
	if contentType == "" {
		contentType = "application/json"
	}
	answer{f.Status, contentType, []byte(f.Body)}.write(w)
}

func statusOr(f Fault, usual int) int {
	if f.Status != 0 {
		return f.Status
	}
	return usual
}

func success(status int) bool { return status >= 200 && status <= 299 }
