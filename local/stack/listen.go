package stack

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

// AddressError says that one of the stack's parts could not listen where it was told to.
type AddressError struct {
	Part    string // "gateway", "AWS", "HelpCrunch" or "page"
	Address string
	Cause   error
}

func (e *AddressError) Error() string {
	return fmt.Sprintf("%s cannot listen on %s: %v", e.Part, e.Address, e.Cause)
}

// Unwrap gives what the operating system said.
func (e *AddressError) Unwrap() error { return e.Cause }

// Serve serves a part of the stack, or what goes with it, until the stack is closed. An address that is taken gives an
// *AddressError.
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
		return nil, &AddressError{part, address, err}
	}
	return listener, nil
}

// serveOn serves until the stack is closed. What is still under way then is cut off: the functions have ended by then.
func (s *Stack) serveOn(listener net.Listener, handler http.Handler) {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(listener) }() // it ends with ErrServerClosed when the stack is closed
	s.closers = append(s.closers, func(context.Context) error { return server.Close() })
}
