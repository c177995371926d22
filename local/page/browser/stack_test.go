//go:build browser

package browser

import (
	"net/http/httptest"
	"testing"

	"helpcrunch-mark-read/local/page"
	"helpcrunch-mark-read/local/stack"
	"helpcrunch-mark-read/local/stack/stacktest"
)

func TestMain(m *testing.M) { stacktest.Main(m) }

// startStack starts the real stack and returns it with the page's address. The queue's share is large, so that what a test
// waits for is not the pace.
func startStack(t *testing.T) (*stack.Stack, string) {
	t.Helper()
	feed := page.NewFeed()
	s := stacktest.Start(t, stack.Options{RequestsPerMinute: 6000, Environment: map[string]string{"RESTORE_UNREAD": "true"}, Log: feed.Log})
	p := page.New(page.Options{Stack: s, Mapping: s.Mapping, Feed: feed, OpsFlags: "--local", Help: func() string { return "" }})
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections) // first: the stream has no end of its own
	return s, server.URL
}
