package helpcrunch

import (
	"context"
	"io"
	"net"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"helpcrunch-mark-read/shared/mark"
)

// FuzzWire sends any bytes in place of an HTTP answer, over the transport that the functions use, and closes the connection
// or keeps it open. There is a status or a reason of ours, in time, and nothing that was sent is repeated in the reason.
func FuzzWire(f *testing.F) {
	for _, s := range []string{
		"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}", "HTTP/1.1 404 \r\n\r\n", "HTTP/1.1 200 OK\nLocation: //x\n\n", "SSH-2.0-x\r\n", "",
		"HTTP/1.1 301 x\r\nLocation: http://elsewhere.test/\r\nContent-Length: 0\r\n\r\n", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffff\r\n",
		"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\nx", "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n\x1f\x8b\x08", "HTTP/1.1 -200 OK\r\n\r\n", "HTTP/1.1 999999999999 OK\r\n\r\n", "HTTP/9.9 200 OK\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", "HTTP/1.1 429 x\r\nRetry-After: \xff\r\n\r\n",
	} {
		f.Add([]byte(s), true)
		f.Add([]byte(s), false)
	}
	reasons := []string{
		"no answer in time", "the connection broke before an answer came", "the TLS handshake failed", "the connection was refused", "the connection was not made in time",
	}
	f.Fuzz(func(t *testing.T, sent []byte, closes bool) {
		synctest.Test(t, func(t *testing.T) {
			transport := NewTransport()
			defer transport.CloseIdleConnections()
			transport.DialContext = func(context.Context, string, string) (net.Conn, error) {
				near, far := net.Pipe()
				go answerWith(far, sent, closes)
				return near, nil
			}
			ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
			defer cancel()
			started := time.Now()
			answer, err := New("http://helpcrunch.test/v1", transport, 512).Mark(ctx, "k/1", mark.Mark{ID: 1, Reader: mark.Agent})
			if took := time.Since(started); took > 8*time.Second {
				t.Errorf("took %s", took)
			}
			none, isNone := err.(*NoAnswerError)
			switch {
			case err == nil && (answer.Status < 0 || answer.Status > 999 || len(answer.Body) > 512):
				t.Errorf("answer %+v", answer)
			case err != nil && (!isNone || answer != nil || !slices.Contains(reasons, none.Reason)):
				t.Errorf("answer %+v, error %q", answer, err)
			}
		})
	})
}

// answerWith reads what comes and sends the bytes, as a server would that has read the head of a request.
func answerWith(connection net.Conn, sent []byte, closes bool) {
	defer connection.Close()
	if _, err := connection.Read(make([]byte, 4<<10)); err != nil {
		return
	}
	go func() { _, _ = io.Copy(io.Discard, connection) }()
	if _, err := connection.Write(sent); err != nil || closes {
		return
	}
	_, _ = connection.Read(make([]byte, 1)) // ends when the client closes its side
}
