package stack_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"helpcrunch-mark-read/local/simulator"
	"helpcrunch-mark-read/local/stack"
)

// slowLoris answers with one byte a second, for ever: always alive, and never done.
func slowLoris(t *testing.T, head string) (url string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	all.Go(func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			all.Go(func() { trickle(connection, head) })
		}
	})
	t.Cleanup(func() {
		_ = listener.Close()
		all.Wait()
	})
	return "http://" + listener.Addr().String()
}

func trickle(connection net.Conn, head string) {
	defer connection.Close()
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_, _ = io.Copy(io.Discard, connection)
	}()
	second := time.NewTicker(time.Second)
	defer second.Stop()
	_, err := io.WriteString(connection, head)
	for err == nil {
		select {
		case <-gone:
			return
		case <-second.C:
			_, err = io.WriteString(connection, "x")
		}
	}
}

// TestASlowLorisCostsNoMoreThanACallMay: a byte a second keeps every timeout of a connection from striking; it is the call
// that has an end. What the head of an answer says counts all the same.
func TestASlowLorisCostsNoMoreThanACallMay(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, head  string
		status      int    // of the HTTP answer
		disposition string // of the message
	}{
		{"within the header", "HTTP/1.1 200 OK\r\nX-Loris: ", 504, "hold"},
		{"within the body", "HTTP/1.1 404 Not Found\r\nContent-Length: 1000000\r\n\r\n", 502, "hold"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := start(t, stack.Options{NoMapping: true, RealKey: stack.FirstKey, RealBaseURL: slowLoris(t, tc.head) + "/v1"})
			answered := make(chan struct{})
			go func() {
				defer close(answered)
				started := time.Now()
				if status, _, _ := s.request(t, goodMark); status != tc.status {
					t.Errorf("status %d, want %d", status, tc.status)
				}
				if took := time.Since(started); took > 10*time.Second {
					t.Errorf("the answer took %v, 10 s are promised", took)
				}
			}()
			started := time.Now()
			if disposition, _ := s.invokeQueue(t, `{"id": 5208, "reader": "agent", "read": true}`); disposition != tc.disposition {
				t.Errorf("the message: %s, want %s", disposition, tc.disposition)
			}
			if took := time.Since(started); took > 11*time.Second {
				t.Errorf("the queue function took %v over one message, of which a call may take 8 s", took)
			}
			<-answered
		})
	}
}

// TestNoRedirectTakesTheKeyElsewhere: whatever the redirect, the other host sees nothing of it, neither key nor mark.
func TestNoRedirectTakesTheKeyElsewhere(t *testing.T) {
	t.Parallel()
	seen := make(chan string, 100)
	elsewhere := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen <- r.Method + " with " + r.Header.Get("Authorization")
		_, _ = io.WriteString(w, `{"id":5208}`)
	})
	s := start(t, stack.Options{NoMapping: true, RequestsPerMinute: 60_000})
	url, err := s.Serve("elsewhere", "127.0.0.1:0", elsewhere)
	if err != nil {
		t.Fatal(err)
	}
	for _, status := range []int{301, 302, 303, 307, 308} {
		s.fault(t, simulator.Fault{Kind: simulator.Redirect, Status: status, Location: url + "/v1/chats/readByAgent", Times: 2})
		if got, _, answer := s.request(t, goodMark); got != 502 {
			t.Errorf("%d came to %d %s", status, got, answer)
		}
		if disposition, _ := s.invokeQueue(t, `{"id": 5208, "reader": "agent", "read": true}`); disposition != "hold" {
			t.Errorf("%d: the message: %s, want hold", status, disposition)
		}
	}
	if len(seen) > 0 {
		t.Errorf("the other host was called %d times: %s", len(seen), <-seen)
	}
}

// TestAHeaderInjectionIsNoHeader: neither a key nor an id can carry a line of its own to HelpCrunch.
func TestAHeaderInjectionIsNoHeader(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Options{NoMapping: true, RequestsPerMinute: 60_000})
	const line = `\r\nX-Injected: yes`
	for _, tc := range []struct {
		name, secret, mark string
		status             int
		disposition        string
	}{
		{"by the key", stack.FirstKey + "\r\nX-Injected: yes", `{"id": 5208, "reader": "agent", "read": true}`, 503, "hold"},
		{"by the key as JSON", `{"apiKey":"` + stack.FirstKey + line + `"}`, `{"id": 5208, "reader": "agent", "read": true}`, 503, "hold"},
		{"by the id", "", `{"id": "5208` + line + `", "reader": "agent", "read": true}`, 400, "dead-letter"},
		{"by the id's name", "", `{"id` + line + `": 5208, "id": 5208.0, "reader": "agent", "read": true}`, 400, "dead-letter"},
		{"by the reader", "", `{"id": 5208, "reader": "agent` + line + `", "read": "true` + line + `"}`, 400, "dead-letter"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			s.reset(t, simulator.Fault{}, nil, tc.secret)
			status, header, answer := s.request(t, tc.mark)
			if status != tc.status || header.Get("X-Injected") != "" || strings.Contains(string(answer), "X-Injected") {
				t.Errorf("answer %d %v %s, want %d", status, header, answer, tc.status)
			}
			if disposition, _ := s.invokeQueue(t, tc.mark); disposition != tc.disposition {
				t.Errorf("the message: %s, want %s", disposition, tc.disposition)
			}
			if calls := s.Simulator.Counts().Requests; calls != 0 {
				t.Errorf("HelpCrunch was called %d times", calls)
			}
		})
	}
}
