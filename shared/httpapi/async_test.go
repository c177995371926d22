package httpapi_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	fake "helpcrunch-mark-read/shared/helpcrunch/helpcrunchtest"
	"helpcrunch-mark-read/shared/mark"
)

func TestPrefer(t *testing.T) {
	for _, tc := range []struct {
		prefer string
		want   bool
	}{
		{"respond-async", true},
		{"Respond-Async", true},
		{" respond-async ", true},
		{"wait=10, respond-async", true},
		{"respond-async, wait=10", true},
		{"respond-async;foo=bar", true},
		{"return=minimal,respond-async;x", true},
		{`foo="a, \"b", respond-async`, true},
		{"handling=lenient; x=y ,\trespond-async", true},

		{"", false},
		{"wait=10", false},
		{"respond-asynchronously", false},
		{"x-respond-async", false},
		{"return=respond-async", false},
		{"foo;respond-async", false},
		{`foo="respond-async"`, false},
		{`foo="a, respond-async, b"`, false},
		{`foo="never ends, respond-async`, false},
	} {
		t.Run(tc.prefer, func(t *testing.T) {
			b := newBench(t, fake.Answer(200, "{}"))
			a := b.put(load(t, "api_gateway.json").header("Prefer", tc.prefer))
			if queued := a.StatusCode == 202; queued != tc.want || queued == (len(b.server.Requests()) == 1) {
				t.Errorf("status %d, %d calls of HelpCrunch", a.StatusCode, len(b.server.Requests()))
			}
		})
	}
}

func (b *bench) askAsync() answer {
	b.t.Helper()
	return b.put(load(b.t, "api_gateway.json").header("prefer", "respond-async"))
}

func TestTheMarkIsQueued(t *testing.T) {
	b := newBench(t, fake.Answer(200, "{}"))
	b.key.err = errDown // is not needed
	a := b.askAsync()
	if a.StatusCode != 202 || a.Body != `{"messageId":"message-1"}` || a.Headers["Preference-Applied"] != "respond-async" {
		t.Errorf("answer %+v", a)
	}
	b.askAsync()
	b.wantCalls(0)
	first, second := b.queue.sent[0], b.queue.sent[1]
	wish, err := mark.ReadMessage([]byte(*first.MessageBody))
	if want := (mark.Mark{ID: 5208, Reader: mark.Agent, Read: true}); err != nil || wish != want {
		t.Errorf("queued %s", *first.MessageBody)
	}
	if *first.QueueUrl != b.QueueURL || *first.MessageGroupId != "5208" || len(*first.MessageDeduplicationId) < 16 {
		t.Errorf("queued as %+v", first)
	}
	if *first.MessageDeduplicationId == *second.MessageDeduplicationId {
		t.Error("the same wish twice has one deduplication id: SQS would swallow the second")
	}
	if !strings.Contains(b.logs.String(), `"messageId":"message-1"`) {
		t.Errorf("log: %s", b.logs.String())
	}
}

func TestAStandardQueueGetsNoFIFOAttributes(t *testing.T) {
	b := newBench(t, fake.Answer(200, "{}"))
	b.QueueURL = "https://sqs.test/marks"
	b.askAsync()
	if sent := b.queue.sent[0]; sent.MessageGroupId != nil || sent.MessageDeduplicationId != nil {
		t.Errorf("queued as %+v", sent)
	}
}

func TestTheMarkCannotBeQueued(t *testing.T) {
	for name, send := range map[string]func(context.Context) error{
		"refused":   func(context.Context) error { return errDown },
		"no answer": func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, fake.Answer(200, "{}"))
				b.queue.send = send
				a := b.askAsync()
				a.want(t, 503, "queue_unavailable")
				if a.Headers["Retry-After"] == "" || a.Headers["Preference-Applied"] != "" || !strings.Contains(a.Body, "again is safe") {
					t.Errorf("answer %+v", a)
				}
				b.wantCalls(0)
			})
		})
	}
}

func TestWhatIsNoMarkIsNotQueued(t *testing.T) {
	b := newBench(t, fake.Answer(200, "{}"))
	b.put(load(t, "api_gateway.json").header("prefer", "respond-async").with("body", "{}")).want(t, 400, "invalid_request", "id", "read")
	if len(b.queue.sent) > 0 {
		t.Error("it was queued")
	}
}

// TestAPauseDoesNotKeepAMarkFromTheQueue: the queue function knows how to wait.
func TestAPauseDoesNotKeepAMarkFromTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, fake.Answer(429, "", "Retry-After", "60"))
		b.ask().want(t, 429, "rate_limited")
		time.Sleep(time.Second)
		if a := b.askAsync(); a.StatusCode != 202 {
			t.Errorf("status %d", a.StatusCode)
		}
	})
}
