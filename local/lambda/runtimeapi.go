package lambda

import (
	"cmp"
	"encoding/json"
	"errors"
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
	initError chan *InitError

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
		initError: make(chan *InitError, 1),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", a.next)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", a.response)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", a.failure)
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", a.initFailure)
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

func (a *runtimeAPI) response(w http.ResponseWriter, r *http.Request) {
	body, err := readPayload(r)
	if errors.As(err, new(*SizeError)) {
		a.answer(r.PathValue("id"), result{err: err})
		refuse(w, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge", err.Error())
		return
	}
	if err != nil {
		refuse(w, http.StatusBadRequest, "InvalidRequest", err.Error())
		return
	}
	a.accept(w, r, result{payload: body})
}

func (a *runtimeAPI) failure(w http.ResponseWriter, r *http.Request) {
	body, err := readPayload(r)
	if err != nil {
		refuse(w, http.StatusBadRequest, "InvalidRequest", err.Error())
		return
	}
	posted := readPostedError(r, body)
	a.accept(w, r, result{err: &FunctionError{
		RequestID: r.PathValue("id"), Type: posted.Type, Message: posted.Message, Payload: body,
	}})
}

func (a *runtimeAPI) initFailure(w http.ResponseWriter, r *http.Request) {
	body, err := readPayload(r)
	if err != nil {
		refuse(w, http.StatusBadRequest, "InvalidRequest", err.Error())
		return
	}
	posted := readPostedError(r, body)
	select {
	case a.initError <- &InitError{Type: posted.Type, Message: posted.Message}:
	default: // the first one counts
	}
	w.WriteHeader(http.StatusAccepted)
}

func (a *runtimeAPI) accept(w http.ResponseWriter, r *http.Request, answer result) {
	if !a.answer(r.PathValue("id"), answer) {
		refuse(w, http.StatusBadRequest, "InvalidRequestID", "no such invocation is waiting for an answer")
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
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

type postedError struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

// readPostedError takes the type from the header when the body has none, as Lambda does; a body that is not JSON is lost
// to it as well.
func readPostedError(r *http.Request, body []byte) postedError {
	var posted postedError
	_ = json.Unmarshal(body, &posted)
	posted.Type = cmp.Or(posted.Type, r.Header.Get("Lambda-Runtime-Function-Error-Type"), "Runtime.UnknownReason")
	return posted
}

func readPayload(r *http.Request) ([]byte, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, maxPayload+1))
	if len(body) > maxPayload {
		return nil, &SizeError{What: "response"}
	}
	return body, err
}

func refuse(w http.ResponseWriter, status int, errorType, message string) {
	body, _ := json.Marshal(postedError{Type: errorType, Message: message}) // strings can always be marshalled
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(body)
}
