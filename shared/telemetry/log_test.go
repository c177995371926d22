package telemetry_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambdacontext"

	"helpcrunch-mark-read/shared/attempt"
	"helpcrunch-mark-read/shared/helpcrunch"
	"helpcrunch-mark-read/shared/helpcrunch/helpcrunchtest"
	"helpcrunch-mark-read/shared/mark"
	"helpcrunch-mark-read/shared/outcome"
	"helpcrunch-mark-read/shared/telemetry"
)

// invocation is a context as aws-lambda-go makes it.
func invocation(t *testing.T) context.Context {
	t.Helper()
	ctx := lambdacontext.NewContext(t.Context(), &lambdacontext.LambdaContext{AwsRequestID: "request-1"})
	//lint:ignore SA1029 this is aws-lambda-go's own key
	return context.WithValue(ctx, "x-amzn-trace-id", "Root=1-5759e988")
}

// chatBody holds everything that must stay out of logs and metrics.
const chatBody = `{"id":5208,"lastMessageText":"PRIVATE words","readByAgent":false,"customer":{"name":"PRIVATE","email":"private@example.com"}}`

// attempted is an attempt that HelpCrunch answered so.
func attempted(t *testing.T, status int, body string) telemetry.Attempt {
	t.Helper()
	server := helpcrunchtest.New(t, helpcrunchtest.Answer(status, body))
	wanted := mark.Mark{ID: 5208, Reader: mark.Agent, Read: true}
	answer, err := helpcrunch.New(server.URL, http.DefaultTransport, 1<<20).Mark(t.Context(), "PRIVATE-key", wanted)
	verdict := outcome.Decide(outcome.Evidence{Answer: answer, Err: err})
	return telemetry.Attempt{
		Mark:     wanted,
		Result:   attempt.Result{Verdict: verdict, Calls: 1, Upstream: 81234567 * time.Nanosecond},
		Duration: 1500 * time.Millisecond,
	}
}

func failed(err error) telemetry.Attempt {
	return telemetry.Attempt{Result: attempt.Result{Verdict: outcome.Decide(outcome.Evidence{Err: err})}}
}

func queued(a telemetry.Attempt) telemetry.Attempt {
	a.MessageID, a.ReceiveCount, a.Coalesced, a.Action = "message-1", 3, 2, "hold"
	return a
}

func overtaken(a telemetry.Attempt) telemetry.Attempt {
	a.Overtaken = true
	return a
}

func TestAttemptLine(t *testing.T) {
	_, invalid := mark.ReadMessage([]byte(`{"id":"PRIVATE","private@example.com":1,"private@example.com":2}`))
	_, noJSON := mark.ReadMessage([]byte(`PRIVATE`))
	applied, notFound := attempted(t, 200, chatBody), attempted(t, 404, `{"errors":[{"code":"invalid_request","message":"PRIVATE"},{"code":"not_fount","message":"PRIVATE"}]}`)
	for _, tc := range []struct {
		name    string
		attempt telemetry.Attempt
		want    string
	}{
		{"applied over HTTP", applied,
			`{"timestamp":"2000-01-01T00:00:00Z","level":"INFO","message":"attempt","outcome":"applied","chatId":5208,"reader":"agent","read":true,"status":200,"calls":1,"upstreamMs":81.234,"durationMs":1500,"requestId":"request-1","traceId":"Root=1-5759e988"}`},
		{"not found in the queue", queued(notFound),
			`{"timestamp":"2000-01-01T00:00:00Z","level":"WARN","message":"attempt","outcome":"chat_not_found","chatId":5208,"reader":"agent","read":true,"status":404,"codes":"invalid_request,not_fount","reason":"HelpCrunch knows no chat with this id","calls":1,"upstreamMs":81.234,"durationMs":1500,"messageId":"message-1","receiveCount":3,"coalesced":2,"action":"hold","requestId":"request-1","traceId":"Root=1-5759e988"}`},
		{"an invalid mark", failed(invalid),
			`{"timestamp":"2000-01-01T00:00:00Z","level":"WARN","message":"attempt","outcome":"invalid_request","reason":"the input is invalid: the body, id, reader, read","calls":0,"upstreamMs":0,"durationMs":0,"requestId":"request-1","traceId":"Root=1-5759e988"}`},
		{"no JSON", failed(noJSON),
			`{"timestamp":"2000-01-01T00:00:00Z","level":"WARN","message":"attempt","outcome":"invalid_request","reason":"the input is invalid: the body","calls":0,"upstreamMs":0,"durationMs":0,"requestId":"request-1","traceId":"Root=1-5759e988"}`},
		{"timeout", failed(&helpcrunch.NoAnswerError{Timeout: true, Reason: "no answer in time"}),
			`{"timestamp":"2000-01-01T00:00:00Z","level":"WARN","message":"attempt","outcome":"timed_out","reason":"no answer in time","calls":0,"upstreamMs":0,"durationMs":0,"requestId":"request-1","traceId":"Root=1-5759e988"}`},
		{"overtaken", overtaken(applied),
			`{"timestamp":"2000-01-01T00:00:00Z","level":"INFO","message":"attempt","outcome":"applied","chatId":5208,"reader":"agent","read":true,"overtaken":true,"status":200,"calls":1,"upstreamMs":81.234,"durationMs":1500,"requestId":"request-1","traceId":"Root=1-5759e988"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { // the time is the bubble's
				var out bytes.Buffer
				tc.attempt.Log(invocation(t), telemetry.NewLogger(&out, "JSON", "INFO"))
				if got := strings.TrimSuffix(out.String(), "\n"); got != tc.want {
					t.Errorf("line %s\nwant %s", got, tc.want)
				}
			})
		})
	}
}

// TestNothingPrivateIsLogged writes everything about attempts whose bodies hold private data, in both formats.
func TestNothingPrivateIsLogged(t *testing.T) {
	_, invalid := mark.ReadMessage([]byte(`{"PRIVATE":1,"PRIVATE":2,"id":"PRIVATE"}`))
	attempts := []telemetry.Attempt{
		attempted(t, 200, chatBody),
		attempted(t, 400, `{"errors":[{"code":"PRIVATE words","message":"PRIVATE"},{"code":"x\nPRIVATE","message":"private@example.com"}]}`),
		attempted(t, 404, `{"errors":[{"code":"not_found","message":"PRIVATE"}]}`),
		attempted(t, 404, `PRIVATE "not_found" PRIVATE`),
		attempted(t, 500, chatBody),
		attempted(t, 200, "<html>PRIVATE"),
		failed(invalid),
		failed(errors.New("what?")),
	}
	var out bytes.Buffer
	metrics := telemetry.NewMetrics("f")
	for _, a := range attempts {
		for _, format := range []string{"JSON", "Text"} {
			a.Log(invocation(t), telemetry.NewLogger(&out, format, "DEBUG"))
		}
		metrics.Attempt(&a)
	}
	metrics.Write(&out, time.Now())
	if text := strings.ToUpper(out.String()); strings.Contains(text, "PRIVATE") || strings.Count(text, "\n") < 2*len(attempts) {
		t.Errorf("logged: %s", out.String())
	}
}

func TestLevelsAndFormats(t *testing.T) {
	for _, tc := range []struct {
		format, level string
		want          []string // the messages that are written
	}{
		{"JSON", "TRACE", []string{"debug", "info", "warn", "error"}},
		{"JSON", "DEBUG", []string{"debug", "info", "warn", "error"}},
		{"JSON", "INFO", []string{"info", "warn", "error"}},
		{"JSON", "", []string{"info", "warn", "error"}},
		{"", "nonsense", []string{"info", "warn", "error"}},
		{"JSON", "WARN", []string{"warn", "error"}},
		{"JSON", "ERROR", []string{"error"}},
		{"JSON", "FATAL", []string{"error"}},
		{"Text", "WARN", []string{"warn", "error"}},
	} {
		t.Run(tc.format+" "+tc.level, func(t *testing.T) {
			var out bytes.Buffer
			log := telemetry.NewLogger(&out, tc.format, tc.level).With("a", 1)
			ctx := invocation(t)
			log.DebugContext(ctx, "debug")
			log.InfoContext(ctx, "info")
			log.WarnContext(ctx, "warn")
			log.ErrorContext(ctx, "error")
			lines := strings.Split(strings.TrimSpace(out.String()), "\n")
			if len(lines) != len(tc.want) {
				t.Fatalf("%d lines, want %d", len(lines), len(tc.want))
			}
			for i, line := range lines {
				var fields map[string]any
				isJSON := json.Unmarshal([]byte(line), &fields) == nil
				if isJSON == (tc.format == "Text") || !strings.Contains(line, tc.want[i]) || !strings.Contains(line, "request-1") || !strings.Contains(line, "1-5759e988") {
					t.Errorf("line %s", line)
				}
				if isJSON && !slices.Equal(slices.Sorted(maps.Keys(fields)), []string{"a", "level", "message", "requestId", "timestamp", "traceId"}) {
					t.Errorf("fields of %s", line)
				}
			}
		})
	}
}

func TestOutsideOfAnInvocation(t *testing.T) {
	var out bytes.Buffer
	telemetry.NewLogger(&out, "JSON", "INFO").Info("start")
	if strings.Contains(out.String(), "requestId") || strings.Contains(out.String(), "traceId") || telemetry.RequestID(t.Context()) != "" {
		t.Errorf("line %s", out.String())
	}
}

func TestTraces(t *testing.T) {
	const parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
	for _, tc := range []struct {
		name, message, traceparent string
		want                       string
	}{
		{"the invocation's", "", "", `"traceId":"Root=1-5759e988"}`},
		{"the message's own", "Root=1-6;Parent=7", "", `"traceId":"Root=1-6;Parent=7"}`},
		{"the caller's", "", parent, `"traceId":"Root=1-5759e988","traceparent":"` + parent + `"}`},
		{"a traceparent that is none", "", strings.Replace(parent, "b7", "PR", 1), `"traceId":"Root=1-5759e988"}`},
		{"one with more behind it", "", parent + "-" + strings.Repeat("a", 64), `"traceId":"Root=1-5759e988"}`},
		{"one that is too short", "", "00-1-2-3", `"traceId":"Root=1-5759e988"}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var out bytes.Buffer
			ctx := telemetry.WithTraceParent(telemetry.WithTraceID(invocation(t), tc.message), tc.traceparent)
			telemetry.NewLogger(&out, "JSON", "INFO").InfoContext(ctx, "x")
			if !strings.HasSuffix(out.String(), `"requestId":"request-1",`+tc.want+"\n") {
				t.Errorf("line %s, want it to end with %s", out.String(), tc.want)
			}
		})
	}
}
