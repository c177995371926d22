package helpcrunch_test

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"helpcrunch-mark-read/shared/mark"
)

// TestRequestBytes reads the request off the wire, because every header that is sent is seen by HelpCrunch.
func TestRequestBytes(t *testing.T) {
	for _, tc := range []struct {
		name       string
		mark       mark.Mark
		path, body string
	}{
		{"agent read", mark.Mark{ID: 5208, Reader: mark.Agent, Read: true}, "/v1/chats/readByAgent", `{"id": 5208, "read": true}`},
		{"customer unread", mark.Mark{ID: 1<<63 - 1, Reader: mark.Customer}, "/v1/chats/readByCustomer", `{"id": 9223372036854775807, "read": false}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			defer listener.Close()
			seen := make(chan string, 1)
			go func() { seen <- readRequest(listener) }()
			if _, err := client(t, "http://"+listener.Addr().String()+"/v1").Mark(t.Context(), "KEY", tc.mark); err != nil {
				t.Fatal(err)
			}
			want := map[string]bool{
				"PUT " + tc.path + " HTTP/1.1": true, "Host: " + listener.Addr().String(): true, "User-Agent: helpcrunch-mark-read": true,
				"Authorization: Bearer KEY": true, "Content-Type: application/json": true, "Accept: application/json": true,
				"Accept-Encoding: identity": true, "Content-Length: " + map[bool]string{true: "26", false: "42"}[tc.mark.Read]: true,
			}
			head, body, _ := strings.Cut(<-seen, "\r\n\r\n")
			for _, line := range strings.Split(head, "\r\n") {
				if !want[line] {
					t.Errorf("sent the line %q, which is not wanted", line)
				}
				delete(want, line)
			}
			if len(want) > 0 || body != tc.body {
				t.Errorf("not sent: %v; body %s, want %s", want, body, tc.body)
			}
		})
	}
}

// readRequest takes one connection, answers 200, and returns what came over it as text.
func readRequest(listener net.Listener) string {
	connection, err := listener.Accept()
	if err != nil {
		return err.Error()
	}
	defer connection.Close()
	var raw strings.Builder
	request, err := http.ReadRequest(bufio.NewReaderSize(io.TeeReader(connection, &raw), 16))
	if err != nil {
		return err.Error()
	}
	_, _ = io.Copy(io.Discard, request.Body)
	_, _ = io.WriteString(connection, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
	return raw.String()
}
