package helpcrunchtest

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
)

// NewInMemory starts a server that is reached through the transport only, over pipes in memory. Unlike a socket those can
// be waited for in a bubble of testing/synctest, where a hanging HelpCrunch then costs no time.
func NewInMemory(t testing.TB, answers ...http.HandlerFunc) (*Server, *http.Transport) {
	pipes := &pipeListener{connections: make(chan net.Conn), closed: make(chan struct{})}
	transport := &http.Transport{
		DialContext:        func(ctx context.Context, _, _ string) (net.Conn, error) { return pipes.dial(ctx) },
		DisableCompression: true,
	}
	s := start(t, &httptest.Server{Listener: pipes, Config: &http.Server{}}, answers)
	t.Cleanup(transport.CloseIdleConnections)
	return s, transport
}

// pipeListener accepts connections that are pipes in memory.
type pipeListener struct {
	connections chan net.Conn
	closed      chan struct{}
	once        sync.Once
}

func (l *pipeListener) dial(ctx context.Context) (net.Conn, error) {
	client, server := net.Pipe()
	select {
	case l.connections <- server:
		return client, nil
	case <-l.closed:
		return nil, net.ErrClosed
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Accept waits for the next connection.
func (l *pipeListener) Accept() (net.Conn, error) {
	select {
	case c := <-l.connections:
		return c, nil
	case <-l.closed:
		return nil, net.ErrClosed
	}
}

// Close ends the listener; connections live on.
func (l *pipeListener) Close() error {
	l.once.Do(func() { close(l.closed) })
	return nil
}

// Addr is an address that nothing dials.
func (l *pipeListener) Addr() net.Addr { return &net.TCPAddr{} }
