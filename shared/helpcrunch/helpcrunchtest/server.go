// Package helpcrunchtest is a fake of HelpCrunch's API for tests: it records every request and answers from a script.
package helpcrunchtest

import (
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"slices"
	"sync"
	"testing"
)

// Request is one request as the server saw it.
type Request struct {
	Method, Path string
	Header       http.Header
	Body         string
}

// Server records requests and sends its answers in turn, the last one again and again. It is safe for concurrent use.
type Server struct {
	URL string // without a slash at its end, as a base URL without a path

	mu       sync.Mutex
	requests []Request
	answers  []http.HandlerFunc
}

// New starts a server on the loopback interface that ends with the test.
func New(t testing.TB, answers ...http.HandlerFunc) *Server {
	return start(t, httptest.NewUnstartedServer(nil), answers)
}

func start(t testing.TB, server *httptest.Server, answers []http.HandlerFunc) *Server {
	s := &Server{answers: answers}
	server.Config.Handler, server.Config.ErrorLog = s, log.New(io.Discard, "", 0)
	server.Start()
	t.Cleanup(func() {
		server.CloseClientConnections()
		server.Close()
	})
	s.URL = server.URL
	return s
}

// Answer replaces the answers that are still to come.
func (s *Server) Answer(answers ...http.HandlerFunc) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = answers
}

// Requests returns what has been seen so far, in the order of arrival.
func (s *Server) Requests() []Request {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.requests)
}

// ServeHTTP records the request before it answers, so that a client that has its answer finds it in Requests.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	s.mu.Lock()
	s.requests = append(s.requests, Request{r.Method, r.URL.Path, r.Header.Clone(), string(body)})
	answer := s.answers[0]
	if len(s.answers) > 1 {
		s.answers = s.answers[1:]
	}
	s.mu.Unlock()
	answer(w, r)
}
