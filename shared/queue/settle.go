package queue

import (
	"context"
	"math"
	"slices"
	"strconv"
	"time"

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

// The budget of the invocation's last second: 500 ms for the dead letters, 300 ms for the visibility timeouts, 200 ms for
// the response.
const (
	reserve               = time.Second // calls to HelpCrunch end so long before the deadline
	leaveAfterDeadLetters = 500 * time.Millisecond
	leaveAfterAll         = 200 * time.Millisecond
	settleWithin          = 10 * time.Second // however much time there is: SQS does not answer any more
)

// batchLimit is how many entries one batch call to SQS may have.
const batchLimit = 10

// returned is a message that must come back, and after how long.
type returned struct {
	*message
	after time.Duration
}

// settle does what the verdicts ask for and returns the messages that must come back. The dead letters come first: a message
// whose dead letter is not known to be safe is held like any other.
func (h *Handler) settle(ctx context.Context, jobs []*job, metrics *telemetry.Metrics) []returned {
	var deadLetters []deadLetter
	for _, j := range jobs {
		h.decide(j)
		for _, m := range j.messages {
			if j.dies(m) {
				deadLetters = append(deadLetters, h.deadLetter(ctx, j, m))
			}
		}
	}
	safe := h.send(ctx, deadLetters)
	var comeBack []returned
	for _, j := range jobs {
		comeBack = append(comeBack, j.account(safe, metrics)...)
	}
	h.changeVisibility(ctx, comeBack)
	return comeBack
}

// decide turns a job's result into what is done with its messages.
func (h *Handler) decide(j *job) {
	j.wait = h.holdFor(j) // for a dead letter that cannot be written, too
	switch {
	case j.misfed:
		j.action = held
	case j.refusal == nil && j.result.Queue == outcome.Delete:
		j.action = deleted
	case j.refusal == nil && j.result.Queue == outcome.DeadLetter, h.expired(j):
		j.action = deadLettered
	case j.noTime():
		j.action, j.wait = released, releaseFor(j)
	default:
		j.action = held
	}
}

// dies reports whether one of the job's messages is to be dead-lettered: all of them are, or it is too old to come back
// even though newer ones do.
func (j *job) dies(m *message) bool {
	return j.action == deadLettered || (j.action == held || j.action == released) && !j.misfed && m.age() > maxAge
}

// account returns those of a job's messages that must come back, and counts what became of the others. From the first one
// that is not safe in the dead-letter queue on, every later one comes back as well: an older mark must not outlive a newer.
func (j *job) account(safe map[string]bool, metrics *telemetry.Metrics) (comeBack []returned) {
	if j.action == deleted {
		return nil
	}
	for _, m := range j.messages {
		if len(comeBack) == 0 && safe[m.id] {
			metrics.DeadLettered(j.result.Outcome)
			continue
		}
		comeBack = append(comeBack, returned{m, j.wait})
		if j.action != released {
			metrics.Held(m.age())
		}
	}
	if j.action == deadLettered && len(comeBack) > 0 {
		j.action = held
	}
	return comeBack
}

// changeVisibility sets when the messages come back. Where that fails they do so at the queue's own visibility timeout,
// which loses nothing but time.
func (h *Handler) changeVisibility(ctx context.Context, messages []returned) {
	ctx, cancel := settleContext(ctx, leaveAfterAll)
	defer cancel()
	for chunk := range slices.Chunk(messages, batchLimit) {
		entries := make([]types.ChangeMessageVisibilityBatchRequestEntry, len(chunk))
		for i, m := range chunk {
			entries[i] = types.ChangeMessageVisibilityBatchRequestEntry{
				Id:                aws.String(strconv.Itoa(i)),
				ReceiptHandle:     aws.String(m.receipt),
				VisibilityTimeout: int32(math.Ceil(m.after.Seconds())),
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
