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
	p, err := page.New(page.Options{
		Simulator: s.Simulator, Secrets: s.Secrets, Queues: s.SQS, Client: s.Client, Mapping: s.Mapping, Feed: feed, OpsFlags: "--local", Help: func() string { return "" },
		GatewayURL: s.GatewayURL, Token: stack.Token, KeySecret: stack.KeySecret, QueueName: s.QueueName, DeadName: s.DeadName,
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(p)
	t.Cleanup(server.Close)
	t.Cleanup(server.CloseClientConnections) // first: the stream has no end of its own
	return s, server.URL
}
