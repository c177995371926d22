// Package telemetry tells what was done: one log line an attempt, and CloudWatch metrics in embedded metric format.
// Nothing that HelpCrunch sent is told but its status and its codes.
package telemetry

import (
	"context"
	"io"
	"log/slog"

	"github.com/aws/aws-lambda-go/lambdacontext"
)

// NewLogger gives a logger in the format and from the level that Lambda's logging configuration names
// (AWS_LAMBDA_LOG_FORMAT, AWS_LAMBDA_LOG_LEVEL), JSON and INFO when it names none. Every line carries the request and
// trace id of its context.
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

// contextHandler adds what Lambda's context knows of the invocation.
type contextHandler struct{ slog.Handler }

func (h contextHandler) Handle(ctx context.Context, record slog.Record) error {
	if id := RequestID(ctx); id != "" {
		record.AddAttrs(slog.String("requestId", id))
	}
	// aws-lambda-go hands the trace id over under this plain string, and names no constant for it.
	if trace, _ := ctx.Value("x-amzn-trace-id").(string); trace != "" {
		record.AddAttrs(slog.String("traceId", trace))
	}
	return h.Handler.Handle(ctx, record)
}

func (h contextHandler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return contextHandler{h.Handler.WithAttrs(attrs)}
}

func (h contextHandler) WithGroup(name string) slog.Handler {
	return contextHandler{h.Handler.WithGroup(name)}
}

// RequestID gives the invocation's request id; empty outside of one.
func RequestID(ctx context.Context) string {
	if lc, ok := lambdacontext.FromContext(ctx); ok {
		return lc.AwsRequestID
	}
	return ""
}
