package helpcrunch_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"net/http"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"helpcrunch-mark-read/shared/helpcrunch"
	fake "helpcrunch-mark-read/shared/helpcrunch/helpcrunchtest"
)

func zipped(t testing.TB, plain string) string {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(plain)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestBodies(t *testing.T) {
	chat := fixture(t, "200_chat.json")
	exact := `"` + strings.Repeat("x", maxBody-2) + `"`
	for _, tc := range []struct {
		name     string
		answer   http.HandlerFunc
		body     string
		complete bool
	}{
		{"as it is", fake.Answer(200, chat), chat, true},
		{"exactly the limit", fake.Answer(200, exact), exact, true},
		{"one more than the limit", fake.Answer(200, exact+"x"), exact, false},
		{"one more than the limit, chunked", fake.Endless(200, exact+"x", 1), exact, false},
		{"gzip unasked", fake.Answer(200, zipped(t, chat), "Content-Encoding", "GZip"), chat, true},
		{"gzip cut off", fake.Answer(200, zipped(t, chat)[:40], "Content-Encoding", "gzip"), "", false},
		{"gzip that is none", fake.Answer(200, chat, "Content-Encoding", "gzip"), "", false},
		{"gzip of nothing at all", fake.Answer(200, "", "Content-Encoding", "gzip", "Content-Length", "0"), "", true},
		{"identity said", fake.Answer(200, chat, "Content-Encoding", "identity"), chat, true},
		{"brotli", fake.Answer(200, chat, "Content-Encoding", "br"), "", false},
		{"two encodings", fake.Answer(200, chat, "Content-Encoding", "gzip, br"), "", false},
		{"cut off", fake.CutOff(200, `{"id":5208,`), `{"id":5208,`, false},
		{"cut off in a chunk", fake.Raw("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{\"id\"", true), `{"id"`, false},
		{"no content", fake.Answer(204, ""), "", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := mustAnswer(t, tc.answer)
			if !a.Success() || a.Complete != tc.complete {
				t.Errorf("success %v, complete %v; want true, %v", a.Success(), a.Complete, tc.complete)
			}
			if got := string(a.Body); got != tc.body && !(tc.name == "gzip cut off" && strings.HasPrefix(chat, got)) {
				t.Errorf("body of %d bytes, want %d", len(got), len(tc.body))
			}
		})
	}
}

// TestMemoryIsBounded lets HelpCrunch send far more than is kept. What the fake server allocates counts too.
func TestMemoryIsBounded(t *testing.T) {
	piece := strings.Repeat("<p>busy</p>\n", 4<<10)
	const most = 16 << 20 // garbage included
	for _, tc := range []struct {
		name   string
		answer http.HandlerFunc
	}{
		{"40 MB error page", fake.Endless(503, piece, 40<<20, "Content-Type", "text/html")},
		{"40 MB error page with its length", fake.Endless(503, piece, 40<<20/len(piece)*len(piece), "Content-Length", "41943040")},
		{"endless body", fake.Endless(200, piece, 0)},
		{"length of 8 exabytes", fake.Raw("HTTP/1.1 200 OK\r\nContent-Length: 9223372036854775807\r\n\r\n{}", true)},
		{"gzip bomb", fake.Answer(200, strings.Repeat(zipped(t, strings.Repeat("0", 1<<20)), 200), "Content-Encoding", "gzip")},
		{"endless list of errors", fake.Endless(400, `{"errors":[`+strings.Repeat(`{"code":"a"},`, 1000), 0)},
		{"half a million errors that are none", fake.Endless(400, `{"errors":[`+strings.Repeat("0,", maxBody/2-10)+"0]}", 1)},
		{"endless escapes", fake.Endless(200, strings.Repeat(`"\u0041",`, 1000), 0)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			c := client(t, fake.New(t, tc.answer).URL)
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			a, err := c.Mark(t.Context(), apiKey, theMark)
			runtime.ReadMemStats(&after)
			if err != nil {
				t.Fatal(err)
			}
			if len(a.Body) > maxBody || a.ErrorShape || a.Success() && a.Complete {
				t.Errorf("%d bytes kept, complete %v, error shape %v", len(a.Body), a.Complete, a.ErrorShape)
			}
			if used := after.TotalAlloc - before.TotalAlloc; used > most {
				t.Errorf("%d MB were allocated on the way", used>>20)
			}
		})
	}
}

// TestTimeIsBounded: the call ends with its context, and a status that was there by then counts.
func TestTimeIsBounded(t *testing.T) {
	for _, tc := range []struct {
		name   string
		answer http.HandlerFunc
		status int // 0: no answer
	}{
		{"no answer", fake.Hang, 0},
		{"half a header", fake.Raw("HTTP/1.1 200 OK\r\nContent-Le", false), 0},
		{"a status and no body", fake.HangAfter(200, ""), 200},
		{"a status and half a body", fake.HangAfter(404, `{"errors":[{"code":"not_fount"`), 404},
		{"switching protocols", fake.Raw("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n", false), 101},
		{"a hundred early hints", fake.Raw(strings.Repeat("HTTP/1.1 103 Early Hints\r\n\r\n", 100), false), 0},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, transport := fake.NewInMemory(t, tc.answer)
				ctx, cancel := context.WithTimeout(t.Context(), 8*time.Second)
				defer cancel()
				started := time.Now()
				a, err := helpcrunch.New(server.URL, transport, maxBody).Mark(ctx, apiKey, theMark)
				if took := time.Since(started); took > 8*time.Second {
					t.Errorf("the call took %s", took)
				}
				if tc.status == 0 {
					if none := noAnswer(t, err); !none.Timeout {
						t.Errorf("%v is no timeout", none)
					}
					return
				}
				if err != nil || a.Status != tc.status || a.Complete {
					t.Errorf("answer %+v, error %v", a, err)
				}
			})
		})
	}
}
