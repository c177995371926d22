// Package queue works through batches of marks from SQS: it merges those of one chat and reader, makes them in order and
// within the rate limit, and deletes, holds or dead-letters each message. What a verdict means is decided in package outcome.
package queue

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"helpcrunch-mark-read/shared/attempt"
	"helpcrunch-mark-read/shared/pace"
	"helpcrunch-mark-read/shared/telemetry"
)

// Handler works through batches. One batch at a time: Lambda sends an environment no second one meanwhile.
type Handler struct {
	Attempts      *attempt.Maker
	Pacer         *pace.Pacer
	SQS           SQS
	QueueURL      string
	DeadLetterURL string
	RetryWindow   time.Duration // how old a message becomes by being held before it expires
	Log           *slog.Logger
	Metrics       io.Writer
	Function      string // the function's name, for the metrics
}

// errNoBatch keeps an event that is no batch from counting as done; a batch is judged record by record.
var errNoBatch = errors.New("the event is no SQS batch: it has no Records, or one of them has no messageId")

// Handle works through one batch and returns the ids of the messages that must come back, each once. Everything else is
// deleted by Lambda, and nothing is left out of the list before it is applied, merged into a newer mark, or safe in the
// dead-letter queue. Its only error is for an event that is no batch.
func (h *Handler) Handle(ctx context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
	if event.Records == nil {
		return events.SQSEventResponse{}, errNoBatch
	}
	for _, record := range event.Records {
		if record.MessageId == "" {
			return events.SQSEventResponse{}, errNoBatch
		}
	}
	jobs := h.merge(event.Records)
	h.run(ctx, jobs)
	metrics := telemetry.NewMetrics(h.Function)
	comeBack := h.settle(ctx, jobs, metrics)
	for _, job := range jobs {
		h.report(telemetry.WithTraceID(ctx, job.newest().traceID), job, metrics)
	}
	metrics.Write(h.Metrics, time.Now())
	return partialBatchResponse(comeBack), nil
}

// report logs and counts an attempt. A released job made none, but its calls (401s) count.
func (h *Handler) report(ctx context.Context, j *job, metrics *telemetry.Metrics) {
	switch {
	case j.misfed:
		h.Log.ErrorContext(ctx, "held: the message comes from the dead-letter queue, which must not be this function's event source", "messageId", j.newest().id)
	case j.action == released:
		h.Log.InfoContext(ctx, "released", "messageId", j.newest().id, "chatId", j.wanted.ID, "messages", len(j.messages), "calls", j.result.Calls)
		metrics.Called(j.result)
	default:
		a := telemetry.Attempt{
			Mark: j.wanted, Result: j.result, Duration: j.duration,
			MessageID: j.newest().id, ReceiveCount: j.newest().receives, Coalesced: len(j.messages) - 1, Action: string(j.action),
		}
		a.Log(ctx, h.Log)
		metrics.Attempt(&a)
	}
}

func partialBatchResponse(comeBack []returned) events.SQSEventResponse {
	failures := make([]events.SQSBatchItemFailure, len(comeBack)) // an empty list, never null
	for i, m := range comeBack {
		failures[i].ItemIdentifier = m.id
	}
	return events.SQSEventResponse{BatchItemFailures: failures}
}
