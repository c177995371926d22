package telemetry

import (
	"cmp"
	"context"
	"log/slog"
	"slices"
	"strings"
	"time"

	"helpcrunch-mark-read/shared/attempt"
	"helpcrunch-mark-read/shared/mark"
	"helpcrunch-mark-read/shared/outcome"
)

// Attempt is one attempt as it is logged and counted: the mark, the result, and where it came from.
type Attempt struct {
	Mark mark.Mark // zero when the input was invalid
	attempt.Result
	Duration time.Duration // all of it, waiting included

	// Of a queued mark only.
	MessageID    string
	ReceiveCount int
	Coalesced    int    // older marks that were merged into this one
	Action       string // what was done with the message
}

// Log writes the attempt's line: at INFO when the mark was made, at WARN when it was not.
func (a *Attempt) Log(ctx context.Context, log *slog.Logger) {
	level := slog.LevelInfo
	if a.Outcome != outcome.Applied {
		level = slog.LevelWarn
	}
	attrs := make([]slog.Attr, 0, 16)
	attrs = append(attrs, slog.String("outcome", string(a.Outcome)))
	if a.Mark.ID != 0 {
		attrs = append(attrs, slog.Int64("chatId", a.Mark.ID), slog.String("reader", string(a.Mark.Reader)), slog.Bool("read", a.Mark.Read))
	}
	if a.Overtaken {
		attrs = append(attrs, slog.Bool("overtaken", true))
	}
	if a.Status != 0 {
		attrs = append(attrs, slog.Int("status", a.Status))
	}
	if len(a.Codes) > 0 {
		attrs = append(attrs, slog.String("codes", strings.Join(a.Codes, ",")))
	}
	if a.Outcome != outcome.Applied {
		attrs = append(attrs, slog.String("reason", a.reason()))
	}
	attrs = append(attrs,
		slog.Int("calls", a.Calls),
		slog.Float64("upstreamMs", milliseconds(a.Upstream)),
		slog.Float64("durationMs", milliseconds(a.Duration)))
	if a.MessageID != "" {
		attrs = append(attrs, slog.String("messageId", a.MessageID), slog.Int("receiveCount", a.ReceiveCount),
			slog.Int("coalesced", a.Coalesced), slog.String("action", a.Action))
	}
	log.LogAttrs(ctx, level, "attempt", attrs...)
}

// reason is the verdict's. Only of invalid input it is less than that: what is wrong with a body can quote names out of it,
// so the line says only where the faults are. The caller or the dead letter gets all of it.
func (a *Attempt) reason() string {
	if len(a.Faults) == 0 {
		return a.Reason
	}
	var where []string
	for _, fault := range a.Faults {
		where = append(where, cmp.Or(fault.Field, "the body"))
	}
	return "the input is invalid: " + strings.Join(slices.Compact(where), ", ")
}

// milliseconds keeps microseconds and drops what is below them.
func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
