package helpcrunch_test

import (
	"errors"
	"net/http"
	"os"
	"testing"

	"helpcrunch-mark-read/shared/helpcrunch"
	"helpcrunch-mark-read/shared/helpcrunch/helpcrunchtest"
	"helpcrunch-mark-read/shared/mark"
)

const (
	// apiKey has a slash and a quote, so that it looks different inside of a JSON string.
	apiKey  = `s3cr3t/K"ey+1`
	maxBody = 1 << 20
)

var theMark = mark.Mark{ID: 5208, Reader: mark.Agent, Read: true}

// call makes one call of a client as the functions use it.
func call(t *testing.T, answer http.HandlerFunc) (*helpcrunch.Answer, error) {
	t.Helper()
	server := helpcrunchtest.New(t, answer)
	return client(t, server.URL).Mark(t.Context(), apiKey, theMark)
}

func client(t *testing.T, baseURL string) *helpcrunch.Client {
	t.Helper()
	transport := helpcrunch.NewTransport()
	t.Cleanup(transport.CloseIdleConnections)
	return helpcrunch.New(baseURL, transport, maxBody)
}

// mustAnswer is call for answers whose status must arrive.
func mustAnswer(t *testing.T, answer http.HandlerFunc) *helpcrunch.Answer {
	t.Helper()
	a, err := call(t, answer)
	if err != nil {
		t.Fatalf("Mark: %v", err)
	}
	return a
}

func noAnswer(t *testing.T, err error) *helpcrunch.NoAnswerError {
	t.Helper()
	var none *helpcrunch.NoAnswerError
	if !errors.As(err, &none) {
		t.Fatalf("error = %T %v, want a *NoAnswerError", err, err)
	}
	return none
}

func fixture(t testing.TB, name string) string {
	t.Helper()
	content, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
