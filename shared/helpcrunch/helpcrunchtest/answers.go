package helpcrunchtest

import (
	"io"
	"net/http"
	"strconv"
)

// Answer sends a status and a body. The headers are pairs of name and value; without a Content-Type among them it is
// application/json.
func Answer(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		setHeaders(w, headers)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// Endless sends a status and then the same bytes again and again, until the client goes away or limit bytes are sent.
// With limit 0 there is no end.
func Endless(status int, piece string, limit int, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		setHeaders(w, headers)
		w.WriteHeader(status)
		for sent := 0; limit == 0 || sent < limit; sent += len(piece) {
			if _, err := io.WriteString(w, piece); err != nil {
				return
			}
		}
	}
}

// CutOff promises a longer body than it sends and then breaks the connection.
func CutOff(status int, body string, headers ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		setHeaders(w, headers)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)+1000))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}
}

// Break breaks the connection without an answer.
func Break(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }

// Hang sends no answer until the client goes away.
func Hang(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }

// HangAfter sends a status and the beginning of a body, and then nothing more until the client goes away.
func HangAfter(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	}
}

// Raw sends bytes as they are, whether they are HTTP or not, and closes the connection if the client is to see its end;
// otherwise it is left open until the client closes it.
func Raw(text string, close bool) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		connection, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			return
		}
		defer func() { _ = connection.Close() }()
		_, _ = io.WriteString(connection, text)
		if !close {
			_, _ = io.Copy(io.Discard, connection)
		}
	}
}

func setHeaders(w http.ResponseWriter, pairs []string) {
	w.Header().Set("Content-Type", "application/json")
	for i := 0; i+1 < len(pairs); i += 2 {
		w.Header().Set(pairs[i], pairs[i+1])
	}
}
