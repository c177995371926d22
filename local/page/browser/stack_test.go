//go:build browser

package browser

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"testing"

	"helpcrunch-mark-read/local/lambda"
	"helpcrunch-mark-read/local/page"
	"helpcrunch-mark-read/local/stack"
)

// binaries are the compiled functions, built once for all tests.
var binaries string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "helpcrunch-mark-read-browser-")
		if err == nil {
			defer os.RemoveAll(dir)
			err = stack.Build(context.Background(), dir)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		binaries = dir
		return m.Run()
	}())
}

// startStack starts the real stack and returns it with the page's address. The queue's share is large, so that what a test
// waits for is not the pace.
func startStack(t *testing.T) (*stack.Stack, string) {
	t.Helper()
	feed := page.NewFeed()
	s, err := stack.Start(t.Context(), stack.Options{
		Binaries: binaries, RequestsPerMinute: 6000, Environment: map[string]string{"RESTORE_UNREAD": "true"},
		Log: func(line lambda.Line) {
			feed.Log(line)
			if testing.Verbose() {
				t.Log(line.Function, line.Text)
			}
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
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
