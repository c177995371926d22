package httpapi_test

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	fake "helpcrunch-mark-read/shared/helpcrunch/helpcrunchtest"
	"helpcrunch-mark-read/shared/httpapi"
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
			h := newHarness(t, fake.Answer(200, "{}"))
			a := h.put(load(t, "api_gateway.json").header("Prefer", tc.prefer))
			if queued := a.StatusCode == 202; queued != tc.want || queued == (len(h.server.Requests()) == 1) {
				t.Errorf("status %d, %d calls of HelpCrunch", a.StatusCode, len(h.server.Requests()))
			}
		})
	}
}

func (h *harness) askAsync() answer {
	h.t.Helper()
	return h.put(load(h.t, "api_gateway.json").header("prefer", "respond-async"))
}

func TestTheMarkIsQueued(t *testing.T) {
	h := newHarness(t, fake.Answer(200, "{}"))
	h.key.err = errDown // is not needed
	a := h.askAsync()
	if a.StatusCode != 202 || a.Body != `{"messageId":"message-1"}` || a.Headers["Preference-Applied"] != "respond-async" {
		t.Errorf("answer %+v", a)
	}
	h.askAsync()
	h.wantCalls(0)
	first, second := h.queue.sent[0], h.queue.sent[1]
	wanted, err := mark.ReadMessage([]byte(*first.MessageBody))
	if want := (mark.Mark{ID: 5208, Reader: mark.Agent, Read: true}); err != nil || wanted != want {
		t.Errorf("queued %s", *first.MessageBody)
	}
	if *first.QueueUrl != h.QueueURL || *first.MessageGroupId != "5208" || len(*first.MessageDeduplicationId) < 16 {
		t.Errorf("queued as %+v", first)
	}
	if *first.MessageDeduplicationId == *second.MessageDeduplicationId {
		t.Error("the same mark twice has one deduplication id: SQS would swallow the second")
	}
	if !strings.Contains(h.logs.String(), `"messageId":"message-1"`) {
		t.Errorf("log: %s", h.logs.String())
	}
}

func TestAStandardQueueGetsNoFIFOAttributes(t *testing.T) {
	h := newHarness(t, fake.Answer(200, "{}"))
	h.QueueURL = "https://sqs.test/marks"
	h.askAsync()
	if sent := h.queue.sent[0]; sent.MessageGroupId != nil || sent.MessageDeduplicationId != nil {
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
				h := newHarness(t, fake.Answer(200, "{}"))
				h.queue.send = send
				a := h.askAsync()
				a.want(t, 503, "queue_unavailable")
				if a.Headers["Retry-After"] == "" || a.Headers["Preference-Applied"] != "" || !strings.Contains(a.Body, "again is safe") {
					t.Errorf("answer %+v", a)
				}
				h.wantCalls(0)
			})
		})
	}
}

func TestWhatIsNoMarkIsNotQueued(t *testing.T) {
	h := newHarness(t, fake.Answer(200, "{}"))
	h.put(load(t, "api_gateway.json").header("prefer", "respond-async").with("body", "{}")).want(t, 400, "invalid_request", "id", "read")
	if len(h.queue.sent) > 0 {
		t.Error("it was queued")
	}
}

// TestAPauseDoesNotKeepAMarkFromTheQueue: the queue function knows how to wait.
func TestAPauseDoesNotKeepAMarkFromTheQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, fake.Answer(429, "", "Retry-After", "60"))
		h.ask().want(t, 429, "rate_limited")
		time.Sleep(time.Second)
		if a := h.askAsync(); a.StatusCode != 202 {
			t.Errorf("status %d", a.StatusCode)
		}
	})
}

// TestTheMessageCarriesBoundAndTrace: the queue function knows as much as this one did, and logs the same trace id.
func TestTheMessageCarriesBoundAndTrace(t *testing.T) {
	h := newHarness(t, fake.Answer(200, "{}"))
	var request httpapi.Request
	payload, _ := json.Marshal(load(t, "api_gateway.json").header("prefer", "respond-async").
		header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01").with("body", `{"id":5208,"read":true,"asOf":1700000000.5}`))
	if err := json.Unmarshal(payload, &request); err != nil {
		t.Fatal(err)
	}
	ctx := context.WithValue(t.Context(), "x-amzn-trace-id", "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1")
	if r, err := h.Handle(ctx, request); err != nil || r.StatusCode != 202 {
		t.Fatalf("status %d, %v", r.StatusCode, err)
	}
	sent := h.queue.sent[0]
	if want := `{"id": 5208, "reader": "agent", "read": true, "asOf": 1700000000}`; *sent.MessageBody != want {
		t.Errorf("queued %s, want %s", *sent.MessageBody, want)
	}
	trace := *sent.MessageSystemAttributes["AWSTraceHeader"].StringValue
	if !strings.HasPrefix(trace, "Root=1-5759e988") || !strings.Contains(h.logs.String(), `"traceId":"`+trace+`"`) {
		t.Errorf("the trace header %s is not the log's: %s", trace, h.logs.String())
	}
	if !strings.Contains(h.logs.String(), `"traceparent":"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"`) {
		t.Errorf("log: %s", h.logs.String())
	}
}
