// Package queue works through batches of marks from SQS: it merges wishes, makes the marks in order and within the limit,
// and returns, holds or dead-letters each message. What a verdict means is decided in package outcome.
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

// Handler works through batches. One batch at a time: Lambda gives an environment no second one meanwhile.
type Handler struct {
	Attempts      *attempt.Maker
	Pacer         *pace.Pacer
	SQS           SQS
	QueueURL      string
	DeadLetterURL string
	RetryWindow   time.Duration // how old a message may grow by being held
	Log           *slog.Logger
	Metrics       io.Writer
	Function      string // the function's name, in the metrics
}

// errNoBatch is the only error: a batch is judged record by record, but what is no batch must not count as done.
var errNoBatch = errors.New("the event is no SQS batch: it has no Records, or one of them has no messageId")

// Handle works through one batch and names the messages that must come back, each once. Everything else is deleted by
// Lambda, and nothing is left out of the list before it is applied, merged into a newer wish, or safe in the dead-letter queue.
func (h *Handler) Handle(ctx context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
	if event.Records == nil {
		return events.SQSEventResponse{}, errNoBatch
	}
	for _, record := range event.Records {
		if record.MessageId == "" {
			return events.SQSEventResponse{}, errNoBatch
		}
	}
	jobs := merge(event.Records)
	h.run(ctx, jobs)
	metrics := telemetry.NewMetrics(h.Function)
	kept := h.settle(ctx, jobs, metrics)
	for _, job := range jobs {
		h.tell(ctx, job, metrics)
	}
	metrics.Write(h.Metrics, time.Now())
	return partialBatchResponse(kept), nil
}

// tell writes the line and the counts of an attempt; a job that was released was none, but can have met a rejected key.
func (h *Handler) tell(ctx context.Context, j *job, metrics *telemetry.Metrics) {
	if j.fate == released {
		h.Log.InfoContext(ctx, "released", "messageId", j.newest().MessageId, "chatId", j.wish.ID, "messages", len(j.records), "calls", j.result.Calls)
		metrics.Called(j.result)
		return
	}
	told := telemetry.Attempt{
		Mark: j.wish, Result: j.result, Duration: j.duration,
		MessageID: j.newest().MessageId, ReceiveCount: receiveCount(j.newest()), Coalesced: len(j.records) - 1, Action: string(j.fate),
	}
	told.Log(ctx, h.Log)
	metrics.Attempt(&told)
}

func partialBatchResponse(kept []*events.SQSMessage) events.SQSEventResponse {
	failures := make([]events.SQSBatchItemFailure, len(kept)) // an empty list, never null
	for i, record := range kept {
		failures[i].ItemIdentifier = record.MessageId
	}
	return events.SQSEventResponse{BatchItemFailures: failures}
}
