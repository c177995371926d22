// Package secretsmanager is the needed part of AWS Secrets Manager, in memory and over its own wire protocol (AWS JSON 1.1),
// so that the SDK's real client talks to it. It is part of the local stack and of the tests, never of the product.
package secretsmanager

import (
	"cmp"
	"fmt"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
)

// maxRequest bounds a request's body: a secret has 64 KiB at most, which base64 and escapes make larger.
const maxRequest = 1 << 20

// Options say whose Secrets Manager it is; both have defaults.
type Options struct {
	Region    string // in ARNs; "us-east-1" when ""
	AccountID string // in ARNs; "000000000000" when ""
}

// Server is an in-memory Secrets Manager. It is an http.Handler and safe for concurrent use. Signatures are not checked.
// It knows time only by time.Now, so that it runs in a synctest bubble.
type Server struct {
	region, account string

	mu      sync.Mutex // never held while a hook runs
	secrets []*secret
	created int // secrets ever created, which makes their ARNs differ
	calls   map[string]int
	hook    Hook
}

// New makes a Secrets Manager without secrets.
func New(o Options) *Server {
	return &Server{region: cmp.Or(o.Region, "us-east-1"), account: cmp.Or(o.AccountID, "000000000000"), calls: map[string]int{}}
}

// Calls returns how often each action was called, failed calls and the SDK's own retries included.
func (s *Server) Calls() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.calls)
}

// ServeHTTP serves one action: POST / with the header X-Amz-Target: secretsmanager.<Action>.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	if err != nil {
		writeError(w, &Error{Type: "SerializationException", Message: "the body could not be read", Status: http.StatusBadRequest})
		return
	}
	action, found := strings.CutPrefix(r.Header.Get("X-Amz-Target"), "secretsmanager.")
	run, known := actions[action]
	if r.Method != http.MethodPost || !found || !known {
		writeError(w, &Error{Type: "UnknownOperationException", Message: fmt.Sprintf("no action %q", action), Status: http.StatusBadRequest})
		return
	}
	in, err := decode(body)
	hook := s.count(action)
	if err == nil && hook != nil {
		err = hook(r.Context(), action, in.name())
	}
	if r.Context().Err() != nil {
		panic(http.ErrAbortHandler) // nobody waits for the answer any more, and net/http would send an empty 200
	}
	var out *response
	if err == nil {
		out, err = s.run(run, in)
	}
	if err != nil {
		writeError(w, err)
		return
	}
	writeJSON(w, http.StatusOK, out)
}

func (s *Server) count(action string) Hook {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.calls[action]++
	return s.hook
}

func (s *Server) run(action action, in *request) (*response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return action(s, in)
}
