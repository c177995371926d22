package stack

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

// Serve serves a part of the stack, or what goes with it, until the stack is closed.
func (s *Stack) Serve(part, address string, handler http.Handler) (url string, err error) {
	listener, err := s.listen(part, address)
	if err != nil {
		return "", err
	}
	s.serveOn(listener, handler)
	return "http://" + listener.Addr().String(), nil
}

func (s *Stack) listen(part, address string) (net.Listener, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, fmt.Errorf("%s cannot listen on %s: %w", part, address, err)
	}
	return listener, nil
}

// serveOn serves until the stack is closed. What is still under way then is cut off: the functions have ended by then.
func (s *Stack) serveOn(listener net.Listener, handler http.Handler) {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // it ends with ErrServerClosed when the stack is closed
	s.closers = append(s.closers, func(context.Context) error { return server.Close() })
}

// distance is how long an answer of the embedded AWS takes at least, as over any network. An answer at once can be lost: the
// Go SDK closes the request's body when the head of the answer has come, and if net/http's write loop only then looks for the
// end of that body, smithy-go's WriteTo returns io.EOF, where io.WriterTo demands nil. net/http takes it for a failed write and
// closes the connection, and what the client has not read of the answer by then (more than 4 KB, its read buffer) is gone.
// The SDK calls again, and the messages of the lost answer stay invisible.
const distance = 2 * time.Millisecond

// distant is the ResponseWriter of an embedded AWS service. Its handler has read the request to the end when it answers.
type distant struct{ http.ResponseWriter }

// WriteHeader lets the client finish writing first.
func (w distant) WriteHeader(status int) {
	<-time.After(distance)
	w.ResponseWriter.WriteHeader(status)
}
