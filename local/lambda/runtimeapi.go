package lambda

import (
	"cmp"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// runtimeAPI is the HTTP API through which one process gets its work and returns the result:
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html. Each environment has its own, on a port of its own.
type runtimeAPI struct {
	address   string
	server    *http.Server
	ready     chan struct{}    // the process has asked for work
	work      chan *invocation // what it is given
	initError chan *Error

	mu      sync.Mutex
	current *invocation // not answered yet
}

// invocation is one piece of work, answered at most once.
type invocation struct {
	id       string
	payload  []byte
	deadline time.Time
	arn      string
	answer   chan result // room for one
}

// answerOr returns what was posted, or else the error.
func (i *invocation) answerOr(err error) result {
	select {
	case answer := <-i.answer:
		return answer
	default:
		return result{err: err}
	}
}

func serveRuntimeAPI() (*runtimeAPI, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	a := &runtimeAPI{
		address:   listener.Addr().String(),
		ready:     make(chan struct{}, 1),
		work:      make(chan *invocation, 1),
		initError: make(chan *Error, 1),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", a.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", a.posted(func(r *http.Request, body []byte) bool {
		return a.answer(r.PathValue("id"), result{payload: body})
	}))
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", a.posted(func(r *http.Request, body []byte) bool {
		return a.answer(r.PathValue("id"), result{err: postedError(r, body)})
	}))
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", a.posted(func(r *http.Request, body []byte) bool {
		select {
		case a.initError <- postedError(r, body):
		default: // the first one counts
		}
		return true
	}))
	a.server = &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	go func() { _ = a.server.Serve(listener) }() // ends with close; there is nothing else to report
	return a, nil
}

func (a *runtimeAPI) close() { _ = a.server.Close() }

// begin makes the work the current one and hands it to the process, which has asked for it.
func (a *runtimeAPI) begin(work *invocation) {
	a.mu.Lock()
	a.current = work
	a.mu.Unlock()
	a.work <- work
}

func (a *runtimeAPI) next(w http.ResponseWriter, r *http.Request) {
	select {
	case a.ready <- struct{}{}:
	default: // asked twice for one piece of work: a lost connection
	}
	select {
	case work := <-a.work:
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Lambda-Runtime-Aws-Request-Id", work.id)
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(work.deadline.UnixMilli(), 10))
		h.Set("Lambda-Runtime-Invoked-Function-Arn", work.arn)
		h.Set("Lambda-Runtime-Trace-Id", newTraceID(time.Now()))
		_, _ = w.Write(work.payload) // a process that doesn't read is about to be found dead
	case <-r.Context().Done():
	}
}

// posted serves what a process posts. It is refused when accept is false.
func (a *runtimeAPI) posted(accept func(r *http.Request, body []byte) bool) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(io.LimitReader(r.Body, maxPayload+1))
		switch tooLarge := sizeError(answerTooLarge, "response"); {
		case err != nil:
			say(w, http.StatusBadRequest, Error{"InvalidRequest", err.Error()})
		case len(body) > maxPayload:
			a.answer(r.PathValue("id"), result{err: tooLarge})
			say(w, http.StatusRequestEntityTooLarge, Error{"RequestEntityTooLarge", tooLarge.Message})
		case !accept(r, body):
			say(w, http.StatusBadRequest, Error{"InvalidRequestID", "no such invocation is waiting for an answer"})
		default:
			say(w, http.StatusAccepted, map[string]string{"status": "OK"})
		}
	}
}

// answer is false when that invocation is not the current one or has been answered.
func (a *runtimeAPI) answer(id string, answer result) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.current == nil || a.current.id != id {
		return false
	}
	a.current.answer <- answer
	a.current = nil
	return true
}

// postedError takes the type from the header when the body has none, as Lambda does; a body that is not JSON is lost to it
// as well.
func postedError(r *http.Request, body []byte) *Error {
	posted := &Error{}
	_ = json.Unmarshal(body, posted)
	posted.Type = cmp.Or(posted.Type, r.Header.Get("Lambda-Runtime-Function-Error-Type"), "Runtime.UnknownReason")
	return posted
}

func say(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // a process that has gone is found dead elsewhere
}
