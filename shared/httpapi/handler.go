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
	"time"

	"helpcrunch-mark-read/shared/attempt"
	"helpcrunch-mark-read/shared/mark"
	"helpcrunch-mark-read/shared/outcome"
	"helpcrunch-mark-read/shared/pace"
	"helpcrunch-mark-read/shared/telemetry"
)

// answerWithin is the time for all that is waited for, less than the 10 s promised by what the answer and its way to the
// caller take.
const answerWithin = 9500 * time.Millisecond

// Handler answers requests. It is safe for concurrent use.
type Handler struct {
	Attempts *attempt.Maker
	Queue    Sender
	QueueURL string
	Tokens   *Tokens // nil: API Gateway authorizes
	Log      *slog.Logger
	Metrics  io.Writer
	Function string // the function's name, in the metrics

	pause pace.Pause
}

// Handle answers one request. It never gives an error: whatever happens is an answer in HelpCrunch's shape.
func (h *Handler) Handle(ctx context.Context, request Request) (r response, _ error) {
	defer func() {
		if p := recover(); p != nil {
			r = h.panicked(ctx, p)
		}
	}()
	ctx, cancel := context.WithTimeout(ctx, answerWithin)
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

var errPanic = errors.New("the function panicked")

// panicked tells of a panic as of an attempt that came to nothing that is understood. The panic's value is not told: it
// may quote anything.
func (h *Handler) panicked(ctx context.Context, p any) response {
	h.Log.ErrorContext(ctx, "panic", "type", fmt.Sprintf("%T", p), "stack", string(debug.Stack()))
	told := telemetry.Attempt{Result: attempt.Result{Verdict: outcome.Decide(outcome.Evidence{Err: errPanic})}}
	h.tell(ctx, &told)
	return refusal(told.HTTPStatus, entry{string(told.Outcome),
		"This service failed over the request. Whether the mark was made is not known; sending it again does no harm."})
}

// authorize checks the caller's token, where the function does that itself.
func (h *Handler) authorize(ctx context.Context, request *Request) (response, bool) {
	if h.Tokens == nil {
		return response{}, true
	}
	allowed, err := h.Tokens.Allows(ctx, request.header("authorization"))
	if err != nil {
		verdict := outcome.Decide(outcome.Evidence{Err: err})
		h.Log.ErrorContext(ctx, "the caller tokens are not available", "reason", verdict.Reason)
		return verdictAnswer(verdict), false
	}
	if !allowed {
		r := refusal(http.StatusUnauthorized, entry{codeUnauthorized, "The token in the Authorization header is missing or not known."})
		r.Headers["WWW-Authenticate"] = "Bearer"
		return r, false
	}
	return response{}, true
}

// mark makes the mark that the request asks for, or queues it.
func (h *Handler) mark(ctx context.Context, request *Request, reader mark.Reader) response {
	started := time.Now()
	wish, err := request.mark(reader)
	if err == nil && prefersAsync(request.header("prefer")) {
		return h.enqueue(ctx, wish)
	}
	told := telemetry.Attempt{Mark: wish}
	if err != nil {
		told.Verdict = outcome.Decide(outcome.Evidence{Err: err})
	} else {
		// The gate here never refuses for want of time, so there is no error but a verdict.
		told.Result, _ = h.Attempts.Do(ctx, wish, &h.pause)
	}
	told.Duration = time.Since(started)
	h.tell(ctx, &told)
	return verdictAnswer(told.Verdict)
}

func (h *Handler) tell(ctx context.Context, told *telemetry.Attempt) {
	told.Log(ctx, h.Log)
	metrics := telemetry.NewMetrics(h.Function)
	metrics.Attempt(told)
	metrics.Write(h.Metrics, time.Now())
}
