package helpcrunch_test

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"helpcrunch-mark-read/shared/helpcrunch"
	fake "helpcrunch-mark-read/shared/helpcrunch/helpcrunchtest"
)

func TestNoAnswer(t *testing.T) {
	refused, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	refused.Close()
	unknownCA := httptest.NewUnstartedServer(http.HandlerFunc(fake.Break))
	unknownCA.Config.ErrorLog = log.New(io.Discard, "", 0)
	unknownCA.StartTLS()
	defer unknownCA.Close()
	oldTLS := httptest.NewUnstartedServer(http.HandlerFunc(fake.Break))
	oldTLS.Config.ErrorLog = log.New(io.Discard, "", 0)
	oldTLS.TLS = &tls.Config{MaxVersion: tls.VersionTLS10}
	oldTLS.StartTLS()
	defer oldTLS.Close()
	foreign := "HTTP/1.1 200 OK\r\nX: " + strings.Repeat("x", 1<<20) + "\r\n\r\n{}"

	for _, tc := range []struct {
		name, url, reason string
	}{
		{"refused", "http://" + refused.Addr().String(), "refused"},
		{"broken without an answer", fake.New(t, fake.Break).URL, "broke"},
		{"no HTTP", fake.New(t, fake.Raw("SSH-2.0-OpenSSH_9.2\r\n", true)).URL, "broke"},
		{"a status that is none", fake.New(t, fake.Raw("HTTP/1.1 abc OK\r\n\r\n", true)).URL, "broke"},
		{"a header of 1 MB", fake.New(t, fake.Raw(foreign, true)).URL, "broke"},
		{"a certificate of nobody's", unknownCA.URL, "TLS"},
		{"TLS too old", oldTLS.URL, "TLS"},
		{"plain HTTP where TLS is spoken", strings.Replace(fake.New(t, fake.Answer(200, "{}")).URL, "http:", "https:", 1), "TLS"},
		{"a base URL that is none", "http://[::1", "base URL"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a, err := client(t, tc.url).Mark(t.Context(), apiKey, theMark)
			none := noAnswer(t, err)
			if a != nil || none.Timeout || !strings.Contains(none.Reason, tc.reason) {
				t.Errorf("answer %v, timeout %v, reason %q; want a reason with %q", a, none.Timeout, none.Reason, tc.reason)
			}
		})
	}
}

// roundTrip is a transport as a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func TestNoAnswerFromTheTransport(t *testing.T) {
	dialTimeout := &net.OpError{Op: "dial", Err: timeoutError{}}
	for _, tc := range []struct {
		name    string
		err     error
		timeout bool
		reason  string
	}{
		{"no such host", &net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "api.helpcrunch.com", IsNotFound: true}}, false, "host name"},
		{"DNS without an answer", &net.OpError{Op: "dial", Err: &net.DNSError{Err: "i/o timeout", IsTimeout: true}}, false, "host name"},
		{"connection not made in time", dialTimeout, true, "in time"},
		{"deadline", context.DeadlineExceeded, true, "in time"},
		{"reset", &net.OpError{Op: "read", Err: io.ErrUnexpectedEOF}, false, "broke"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			failing := roundTrip(func(*http.Request) (*http.Response, error) { return nil, tc.err })
			_, err := helpcrunch.New("http://x", failing, maxBody).Mark(t.Context(), apiKey, theMark)
			if none := noAnswer(t, err); none.Timeout != tc.timeout || !strings.Contains(none.Reason, tc.reason) {
				t.Errorf("timeout %v, reason %q; want %v, %q", none.Timeout, none.Reason, tc.timeout, tc.reason)
			}
		})
	}
}

type timeoutError struct{}

func (timeoutError) Error() string { return "i/o timeout" }
func (timeoutError) Timeout() bool { return true }

func TestTheCallEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	server := fake.New(t, func(w http.ResponseWriter, r *http.Request) {
		cancel()
		fake.Hang(w, r)
	})
	_, err := client(t, server.URL).Mark(ctx, apiKey, theMark)
	if none := noAnswer(t, err); !none.Timeout {
		t.Errorf("%q is no timeout", none.Reason)
	}
}

// TestDeadConnectionIsReplaced: Lambda freezes an environment, and the server closes the idle connection meanwhile.
func TestDeadConnectionIsReplaced(t *testing.T) {
	breakKeptAlive := func(w http.ResponseWriter, r *http.Request) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err == nil {
			_ = connection.Close()
		}
	}
	server := fake.New(t, fake.Answer(200, "{}"), breakKeptAlive, fake.Answer(200, "{}"))
	c := client(t, server.URL)
	for i := range 2 {
		if _, err := c.Mark(t.Context(), apiKey, theMark); err != nil {
			t.Fatalf("call %d: %v", i+1, err)
		}
	}
	requests := server.Requests()
	if len(requests) != 3 || requests[2].Body != requests[0].Body || requests[2].Method != http.MethodPut {
		t.Errorf("HelpCrunch saw %+v", requests)
	}
	for _, r := range requests {
		if _, sent := r.Header["Idempotency-Key"]; sent {
			t.Error("a header Idempotency-Key was sent")
		}
	}
}

// TestBrokenNewConnectionIsNotReplayed: one more try is for package attempt to decide.
func TestBrokenNewConnectionIsNotReplayed(t *testing.T) {
	server := fake.New(t, fake.Break)
	_, err := client(t, server.URL).Mark(t.Context(), apiKey, theMark)
	if noAnswer(t, err); len(server.Requests()) != 1 {
		t.Errorf("HelpCrunch saw %d requests", len(server.Requests()))
	}
}
