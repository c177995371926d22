// Package telemetry logs and counts what was done: one log line an attempt, and CloudWatch metrics in embedded metric
// format. Of what HelpCrunch sent, only the status and the codes are logged.
package telemetry

import (
	"cmp"
	"context"
	"io"
	"log/slog"
	"strings"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// NewLogger returns a logger in the format and from the level that Lambda's logging configuration names
// (AWS_LAMBDA_LOG_FORMAT, AWS_LAMBDA_LOG_LEVEL), JSON and INFO when it names none. Every line carries the request id and
// the trace ids of its context.
func NewLogger(out io.Writer, format, level string) *slog.Logger {
	options := &slog.HandlerOptions{Level: parseLevel(level), ReplaceAttr: lambdacontext.ReplaceAttr}
	if format == "Text" {
		return slog.New(contextHandler{slog.NewTextHandler(out, options)})
	}
	return slog.New(contextHandler{slog.NewJSONHandler(out, options)})
}

func parseLevel(level string) slog.Level {
	switch level {
	case "TRACE", "DEBUG":
		return slog.LevelDebug
	case "WARN":
		return slog.LevelWarn
	case "ERROR", "FATAL":
		return slog.LevelError
	}
	return slog.LevelInfo
}

// contextHandler adds what the context knows of the request.
type contextHandler struct{ slog.Handler }

func (h contextHandler) Handle(ctx context.Context, record slog.Record) error {
	if id := RequestID(ctx); id != "" {
		record.AddAttrs(slog.String("requestId", id))
	}
	if trace := TraceID(ctx); trace != "" {
		record.AddAttrs(slog.String("traceId", trace))
	}
	if parent, _ := ctx.Value(traceParent{}).(string); parent != "" {
		record.AddAttrs(slog.String("traceparent", parent))
	}
	return h.Handler.Handle(ctx, record)
}

func (h contextHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return contextHandler{h.Handler.WithAttrs(attrs)}
}

func (h contextHandler) WithGroup(name string) slog.Handler {
	return contextHandler{h.Handler.WithGroup(name)}
}

// RequestID returns the invocation's request id; empty outside of one.
func RequestID(ctx context.Context) string {
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		return lc.AwsRequestID
	}
	return ""
}

type (
	traceID     struct{}
	traceParent struct{}
)

// WithTraceID returns a context whose lines carry the trace header that a message was sent with, instead of the
// invocation's: it joins them to the lines of whoever sent it. An empty one changes nothing.
func WithTraceID(ctx context.Context, header string) context.Context {
	return context.WithValue(ctx, traceID{}, header)
}

// TraceID returns the X-Ray trace header that lines of this context carry; empty where there is none.
func TraceID(ctx context.Context) string {
	sent, _ := ctx.Value(traceID{}).(string)
	// aws-lambda-go hands the invocation's over under this plain string, and names no constant for it.
	own, _ := ctx.Value("x-amzn-trace-id").(string)
	return cmp.Or(sent, own)
}

// WithTraceParent returns a context whose lines carry a caller's traceparent header (W3C Trace Context). Anything else is
// foreign text, and changes nothing.
func WithTraceParent(ctx context.Context, header string) context.Context {
	if len(header) < 55 || len(header) > 64 || strings.Trim(header, "0123456789abcdef-") != "" || header[2] != '-' || header[35] != '-' || header[52] != '-' {
		return ctx
	}
	return context.WithValue(ctx, traceParent{}, header)
}
