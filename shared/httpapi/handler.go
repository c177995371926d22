// Package httpapi turns API Gateway's requests into attempts and their verdicts into answers. It is HelpCrunch's own API
// to the caller; what a verdict means is decided in package outcome.
package httpapi

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime/debug"
	"sync/atomic"
	"time"

	"helpcrunch-mark-read/shared/attempt"
	"helpcrunch-mark-read/shared/mark"
	"helpcrunch-mark-read/shared/outcome"
	"helpcrunch-mark-read/shared/pace"
	"helpcrunch-mark-read/shared/telemetry"
)

// The time budget of a request: the whole answer within 10 s, and half a second before the function's own deadline. All
// waiting ends a little earlier, which is for the answer and, within the 10 s, for its way to the caller.
const (
	waitWithin     = 9500 * time.Millisecond
	beforeDeadline = 600 * time.Millisecond
	// startCounts is how soon after the function's start the first request must come to have caused that start.
	startCounts = time.Second
)

// Handler answers requests. It is safe for concurrent use.
type Handler struct {
	Attempts *attempt.Maker
	Queue    Sender
	QueueURL string
	Tokens   *Tokens // nil: API Gateway authorizes
	Log      *slog.Logger
	Metrics  io.Writer
	Function string // the function's name, for the metrics

	// The function's start, which counts for the request that caused it. Zero: there was none.
	ProcessStarted, StartEnded time.Time

	pause   pace.Pause
	started atomic.Bool // the first request has come
}

// errNoRequest is a function error, so that no other event source wired to this function takes its events for done.
var errNoRequest = errors.New("the event is no request of payload format 2.0: it has no requestContext.http.method")

// Handle answers one request. Its only error is for an event that is no request: whatever else happens is an answer in
// HelpCrunch's shape.
func (h *Handler) Handle(ctx context.Context, request Request) (r response, err error) {
	if request.RequestContext.HTTP.Method == "" {
		return response{}, errNoRequest
	}
	ctx = telemetry.WithTraceParent(ctx, request.header("traceparent"))
	defer func() {
		if p := recover(); p != nil {
			r = h.panicked(ctx, p)
		}
	}()
	ctx, cancel := context.WithDeadline(ctx, h.deadline(ctx))
	defer cancel()
	if refused, ok := h.authorize(ctx, &request); !ok {
		return refused, nil
	}
	reader, ok := request.reader()
	if !ok {
		return refusal(http.StatusNotFound, entry{codeNotFound, "This path does not exist. There are /v1/chats/readByAgent and /v1/chats/readByCustomer."}), nil
	}
	if method := request.RequestContext.HTTP.Method; method != http.MethodPut {
		r := refusal(http.StatusMethodNotAllowed, entry{codeMethodNotAllowed, "Only PUT is allowed here."})
		r.Headers["Allow"] = http.MethodPut
		return r, nil
	}
	return h.mark(ctx, &request, reader), nil
}

// deadline is when all waiting for a request that comes now ends.
func (h *Handler) deadline(ctx context.Context) time.Time {
	began := time.Now()
	if !h.started.Swap(true) && began.Sub(h.StartEnded.Round(0)) <= startCounts {
		began = h.ProcessStarted
	}
	end := began.Add(waitWithin)
	if own, ok := ctx.Deadline(); ok && own.Add(-beforeDeadline).Before(end) {
		end = own.Add(-beforeDeadline)
	}
	return end
}

var errPanic = errors.New("the function panicked")

// panicked reports a panic as an attempt that ended unexpectedly. The panic's value is not logged: it may quote anything.
func (h *Handler) panicked(ctx context.Context, p any) response {
	h.Log.ErrorContext(ctx, "panic", "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
	a := telemetry.Attempt{Result: attempt.Result{Verdict: outcome.Decide(outcome.Evidence{Err: errPanic})}}
	h.report(ctx, &a)
	return refusal(a.HTTPStatus, entry{string(a.Outcome),
		"This service failed over the request. Whether the mark was made is not known; sending it again does no harm."})
}

// authorize lets a caller in whom API Gateway has authorized or, where the function checks tokens itself, who sent one.
// Without tokens it fails closed: no route, function URL or moment of a deployment without an authorizer lets anybody in.
func (h *Handler) authorize(ctx context.Context, request *Request) (response, bool) {
	if h.Tokens == nil {
		if request.authorized() {
			return response{}, true
		}
		h.refused(codeUnauthorized)
		return refusal(http.StatusUnauthorized, entry{codeUnauthorized, "The request was not authorized by API Gateway."}), false
	}
	known, err := h.Tokens.Allows(ctx, request.header("authorization"))
	if err != nil {
		verdict := outcome.Decide(outcome.Evidence{Err: err})
		h.Log.ErrorContext(ctx, "the caller tokens are not available", "reason", verdict.Reason)
		h.refused(string(verdict.Outcome))
		return verdictAnswer(verdict), false
	}
	if !known {
		h.refused(codeUnauthorized)
		r := refusal(http.StatusUnauthorized, entry{codeUnauthorized, "The token in the Authorization header is missing or not known."})
		r.Headers["WWW-Authenticate"] = "Bearer"
		return r, false
	}
	return response{}, true
}

// mark makes the mark that the request asks for, or queues it.
func (h *Handler) mark(ctx context.Context, request *Request, reader mark.Reader) response {
	started := time.Now()
	wanted, err := request.mark(reader)
	if err == nil && prefersAsync(request.header("prefer")) {
		return h.enqueue(ctx, wanted)
	}
	a := telemetry.Attempt{Mark: wanted}
	if err == nil {
		a.Result, err = h.Attempts.Do(ctx, wanted, &h.pause)
	}
	if err != nil { // an invalid body, or the gate's refusal
		a.Verdict = outcome.Decide(outcome.Evidence{Err: err})
	}
	a.Duration = time.Since(started)
	h.report(ctx, &a)
	r := verdictAnswer(a.Verdict)
	if a.Overtaken && a.Outcome == outcome.Applied && r.StatusCode == a.Status {
		r.Headers["Mark-Overtaken"] = "true"
	}
	return r
}

func (h *Handler) report(ctx context.Context, a *telemetry.Attempt) {
	a.Log(ctx, h.Log)
	metrics := telemetry.NewMetrics(h.Function)
	metrics.Attempt(a)
	metrics.Write(h.Metrics, time.Now())
}

// refused counts a caller that was not let in.
func (h *Handler) refused(reason string) {
	metrics := telemetry.NewMetrics(h.Function)
	metrics.Refused(reason)
	metrics.Write(h.Metrics, time.Now())
}
