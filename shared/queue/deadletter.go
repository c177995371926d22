package queue

import (
	"cmp"
	"context"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/shared/deadletter"
	"helpcrunch-mark-read/shared/telemetry"
)

// deadLetter is one message for the dead-letter queue.
type deadLetter struct {
	id    string // the original message's
	bytes int    // what SQS counts against its limit
	entry types.SendMessageBatchRequestEntry
}

// deadLetter makes the dead letter of one of a job's messages: the body unchanged, the original attributes kept, and the
// reason as far as it fits.
func (h *Handler) deadLetter(ctx context.Context, j *job, m *message) deadLetter {
	v := j.result.Verdict
	reason := deadletter.Reason{
		Outcome: string(v.Outcome), Codes: v.Codes, Status: v.Status,
		Message: strings.Join(append([]string{v.Reason}, v.Messages...), ": "),
		Source: deadletter.Source{
			MessageID: m.id, SentAt: m.sentAt, ReceiveCount: m.receives,
			RequestID: telemetry.RequestID(ctx), TraceID: telemetry.TraceID(telemetry.WithTraceID(ctx, m.traceID)),
		},
	}
	attributes, bytes := reason.Attributes(m.attributes, len(m.body))
	entry := types.SendMessageBatchRequestEntry{MessageBody: aws.String(m.body), MessageAttributes: attributes}
	group := m.group
	if h.deadLettersAreFIFO() {
		group = cmp.Or(group, j.chat(), m.id)
		entry.MessageDeduplicationId = aws.String(m.id)
	}
	if group != "" {
		entry.MessageGroupId = aws.String(group)
	}
	return deadLetter{m.id, bytes, entry}
}

func (h *Handler) deadLettersAreFIFO() bool { return strings.HasSuffix(h.DeadLetterURL, ".fifo") }

// chat is the chat's id, as producers use it for the message group; empty when the message is invalid.
func (j *job) chat() string {
	if j.wanted.ID == 0 {
		return ""
	}
	return strconv.FormatInt(j.wanted.ID, 10)
}

// send writes dead letters and returns the ids of the messages that are safe in the dead-letter queue. One that may have
// been written although SQS did not confirm it is not: its message comes back, and a second copy may follow.
func (h *Handler) send(ctx context.Context, deadLetters []deadLetter) (safe map[string]bool) {
	ctx, cancel := settleContext(ctx, leaveAfterDeadLetters)
	defer cancel()
	safe = make(map[string]bool, len(deadLetters))
	for len(deadLetters) > 0 {
		n := fitting(deadLetters)
		h.sendBatch(ctx, deadLetters[:n], safe)
		deadLetters = deadLetters[n:]
	}
	return safe
}

// fitting is how many of the first dead letters one batch can hold: ten, and 1 MiB together. One always fits.
func fitting(deadLetters []deadLetter) int {
	total := 0
	for i, d := range deadLetters {
		total += d.bytes
		if i == batchLimit || i > 0 && total > deadletter.MaxBytes {
			return i
		}
	}
	return len(deadLetters)
}

func (h *Handler) sendBatch(ctx context.Context, deadLetters []deadLetter, safe map[string]bool) {
	entries := make([]types.SendMessageBatchRequestEntry, len(deadLetters))
	for i, d := range deadLetters {
		entries[i] = d.entry
		entries[i].Id = aws.String(strconv.Itoa(i))
	}
	output, err := h.SQS.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: aws.String(h.DeadLetterURL), Entries: entries})
	if err != nil {
		h.Log.ErrorContext(ctx, "the dead-letter queue could not be written", "messages", len(deadLetters), "error", err)
		return
	}
	for _, sent := range output.Successful {
		if i, err := strconv.Atoi(aws.ToString(sent.Id)); err == nil && i >= 0 && i < len(deadLetters) {
			safe[deadLetters[i].id] = true
		}
	}
	for _, failed := range output.Failed {
		h.Log.ErrorContext(ctx, "the dead-letter queue could not be written", "messages", 1, "error", aws.ToString(failed.Code))
	}
}
