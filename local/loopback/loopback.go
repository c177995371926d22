// Package loopback joins an HTTP client to an http.Handler in the same process, without a socket.
//
// A socket is a blocking operation that testing/synctest cannot see, so a client that uses one
// stops the bubble's clock. Through this transport a real SDK client, and its retries and
// timeouts, run on simulated time. It is for tests only.
package loopback

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
)

// Transport returns a RoundTripper that answers every request with h, whatever its host. The
// handler sees the request's own context; when that ends, RoundTrip returns its error at once, as
// a broken connection would, and leaves the handler to notice by itself. Bodies are buffered in
// both directions. A handler that panics is an error, as net/http's server cuts the connection.
// It is safe for concurrent use if h is.
func Transport(h http.Handler) http.RoundTripper {
	return transport{handler: h}
}

type transport struct {
	handler http.Handler
}

type result struct {
	response *http.Response
	err      error
}

func (t transport) RoundTrip(r *http.Request) (*http.Response, error) {
	inbound, err := serverSide(r)
	if err != nil {
		return nil, err
	}
	answered := make(chan result, 1)
	go func() { answered <- t.serve(inbound) }()
	select {
	case <-r.Context().Done():
		return nil, r.Context().Err()
	case got := <-answered:
		// A handler that gave up because the context ended has answered nothing worth reading.
		if err := r.Context().Err(); err != nil {
			return nil, err
		}
		if got.err == nil {
			got.response.Request = r
		}
		return got.response, got.err
	}
}

func (t transport) serve(r *http.Request) (got result) {
	defer func() {
		if p := recover(); p != nil {
			got = result{err: fmt.Errorf("loopback: the handler panicked: %v", p)}
		}
	}()
	w := httptest.NewRecorder()
	t.handler.ServeHTTP(w, r)
	return result{response: w.Result()}
}

// serverSide turns a client's request into the one a server would have read.
func serverSide(r *http.Request) (*http.Request, error) {
	body, err := readBody(r)
	if err != nil {
		return nil, err
	}
	in := r.Clone(r.Context())
	in.Body = io.NopCloser(bytes.NewReader(body))
	in.ContentLength = int64(len(body))
	in.RequestURI = r.URL.RequestURI()
	in.RemoteAddr = "127.0.0.1:0"
	if in.Host == "" {
		in.Host = r.URL.Host
	}
	return in, nil
}

func readBody(r *http.Request) ([]byte, error) {
	if r.Body == nil {
		return nil, r.Context().Err()
	}
	defer r.Body.Close()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, fmt.Errorf("loopback: reading the request body: %w", err)
	}
	return body, r.Context().Err()
}
