package queue

import (
	"context"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/shared/outcome"
	"helpcrunch-mark-read/shared/telemetry"
)

// SQS is the part of SQS's API that is used; *sqs.Client has it.
type SQS interface {
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
	ChangeMessageVisibilityBatch(context.Context, *sqs.ChangeMessageVisibilityBatchInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error)
}

// Every call ends a second before the deadline. Of that second, the dead letters leave some to the visibility timeouts,
// and those leave some to the answer.
const (
	leaveAfterLetters = 500 * time.Millisecond
	leaveAfterAll     = 200 * time.Millisecond
	settleWithin      = 10 * time.Second // however much time there is: SQS does not answer any more
)

// batchLimit is how many entries one batch call to SQS may have.
const batchLimit = 10

// kept is a message that must come back, and after how long.
type kept struct {
	record *events.SQSMessage
	after  time.Duration
}

// settle does what the verdicts say and gives the messages that must come back. The dead letters come first: a message
// whose letter is not known to be safe is held like any other.
func (h *Handler) settle(ctx context.Context, jobs []*job, metrics *telemetry.Metrics) []*events.SQSMessage {
	var letters []letter
	for _, j := range jobs {
		j.fate = h.decide(j)
		if j.fate == deadLettered {
			for _, record := range j.records {
				letters = append(letters, h.letter(ctx, j, record))
			}
		}
	}
	safe := h.send(ctx, letters)
	var comeBack []kept
	for _, j := range jobs {
		comeBack = append(comeBack, h.account(j, safe, metrics)...)
	}
	h.changeVisibility(ctx, comeBack)
	records := make([]*events.SQSMessage, len(comeBack))
	for i, k := range comeBack {
		records[i] = k.record
	}
	return records
}

// decide turns the verdict's action into the job's fate.
func (h *Handler) decide(j *job) fate {
	switch {
	case j.fate == released:
		return released
	case j.result.Queue == outcome.Delete:
		return deleted
	case j.result.Queue == outcome.DeadLetter || h.givenUp(j):
		return deadLettered
	}
	return held
}

// account gives those of a job's messages that must come back, and counts what became of the others.
func (h *Handler) account(j *job, safe map[string]bool, metrics *telemetry.Metrics) []kept {
	if j.fate == deleted {
		return nil
	}
	var after time.Duration
	if j.fate != released {
		after = h.holdFor(j)
	}
	var comeBack []kept
	for _, record := range j.records {
		if safe[record.MessageId] {
			metrics.DeadLettered(j.result.Outcome)
			continue
		}
		comeBack = append(comeBack, kept{record, after})
		if j.fate != released {
			metrics.Held(age(record))
		}
	}
	if j.fate == deadLettered && len(comeBack) > 0 {
		j.fate = held
	}
	return comeBack
}

// changeVisibility sets when the messages come back. Where that fails they do so at the queue's own visibility timeout,
// which loses nothing but time.
func (h *Handler) changeVisibility(ctx context.Context, messages []kept) {
	ctx, cancel := settleContext(ctx, leaveAfterAll)
	defer cancel()
	for chunk := range slices.Chunk(messages, batchLimit) {
		entries := make([]types.ChangeMessageVisibilityBatchRequestEntry, len(chunk))
		for i, k := range chunk {
			entries[i] = types.ChangeMessageVisibilityBatchRequestEntry{
				Id:                aws.String(strconv.Itoa(i)),
				ReceiptHandle:     aws.String(k.record.ReceiptHandle),
				VisibilityTimeout: int32(math.Ceil(k.after.Seconds())),
			}
		}
		output, err := h.SQS.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: aws.String(h.QueueURL), Entries: entries})
		if err != nil {
			h.Log.WarnContext(ctx, "the visibility timeout could not be changed", "messages", len(entries), "error", err)
			continue
		}
		for _, failed := range output.Failed {
			h.Log.WarnContext(ctx, "the visibility timeout could not be changed", "messages", 1, "error", aws.ToString(failed.Code))
		}
	}
}

func settleContext(ctx context.Context, leave time.Duration) (context.Context, context.CancelFunc) {
	end := time.Now().Add(settleWithin)
	if deadline, ok := ctx.Deadline(); ok && deadline.Add(-leave).Before(end) {
		end = deadline.Add(-leave)
	}
	return context.WithDeadline(ctx, end)
}
