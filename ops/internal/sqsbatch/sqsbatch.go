// Package sqsbatch makes SQS's batch calls as an operator needs them: ten entries and 1 MiB a call, what failed in part
// is tried again, and every entry has a result of its own.
package sqsbatch

import (
	"cmp"
	"context"
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
	smithytime "github.com/aws/smithy-go/time"
)

// SQS's limits on one batch call.
const (
	Most      = 10
	MostBytes = 1 << 20 // of bodies and attributes together
)

const (
	// An entry is tried four times when SQS says that the failure is its own. The wait before the next try doubles.
	firstWait, lastWait = 200 * time.Millisecond, 800 * time.Millisecond
	callWithin          = 30 * time.Second // bounds one call, the SDK's own retries included
)

// Send sends at most Most entries, together no larger than MostBytes, and returns for each its message id and its result: only
// one that SQS has confirmed has an id and no error. The entries' own ids are set here.
func Send(ctx context.Context, api *sqs.Client, queueURL string, entries []types.SendMessageBatchRequestEntry) (messageIDs []string, results []error) {
	byID := map[string]string{}
	for i := range entries {
		entries[i].Id = aws.String(strconv.Itoa(i))
	}
	results = each(ctx, entries, func(ctx context.Context, entries []types.SendMessageBatchRequestEntry, done func(id *string)) ([]types.BatchResultErrorEntry, error) {
		output, err := api.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: aws.String(queueURL), Entries: entries})
		if err != nil {
			return nil, err
		}
		for _, sent := range output.Successful {
			done(sent.Id)
			byID[aws.ToString(sent.Id)] = aws.ToString(sent.MessageId)
		}
		return output.Failed, nil
	})
	for i := range entries {
		messageIDs = append(messageIDs, byID[strconv.Itoa(i)])
	}
	return messageIDs, results
}

// Delete deletes at most Most messages by their receipt handles, and returns for each its result.
func Delete(ctx context.Context, api *sqs.Client, queueURL string, receipts []string) []error {
	entries := make([]types.DeleteMessageBatchRequestEntry, len(receipts))
	for i, receipt := range receipts {
		entries[i] = types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: aws.String(receipt)}
	}
	return each(ctx, entries, func(ctx context.Context, entries []types.DeleteMessageBatchRequestEntry, done func(id *string)) ([]types.BatchResultErrorEntry, error) {
		output, err := api.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: aws.String(queueURL), Entries: entries})
		if err != nil {
			return nil, err
		}
		for _, deleted := range output.Successful {
			done(deleted.Id)
		}
		return output.Failed, nil
	})
}

// ChangeVisibility sets how long at most Most messages stay out of sight from now on (rounded up to seconds; 0 puts them
// back), and returns for each its result.
func ChangeVisibility(ctx context.Context, api *sqs.Client, queueURL string, receipts []string, timeout time.Duration) []error {
	entries := make([]types.ChangeMessageVisibilityBatchRequestEntry, len(receipts))
	for i, receipt := range receipts {
		entries[i] = types.ChangeMessageVisibilityBatchRequestEntry{
			Id: aws.String(strconv.Itoa(i)), ReceiptHandle: aws.String(receipt), VisibilityTimeout: int32(math.Ceil(timeout.Seconds())),
		}
	}
	return each(ctx, entries, func(ctx context.Context, entries []types.ChangeMessageVisibilityBatchRequestEntry, done func(id *string)) ([]types.BatchResultErrorEntry, error) {
		output, err := api.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: aws.String(queueURL), Entries: entries})
		if err != nil {
			return nil, err
		}
		for _, changed := range output.Successful {
			done(changed.Id)
		}
		return output.Failed, nil
	})
}

// call makes one batch call, says of which ids SQS has done it, and returns what SQS refuses.
type call[E any] func(ctx context.Context, entries []E, done func(id *string)) ([]types.BatchResultErrorEntry, error)

var errUnanswered = errors.New("SQS did not say whether it did it") // for an entry that SQS neither confirmed nor refused

// each makes the calls until every entry has its result: nil, a *smithy.GenericAPIError with SQS's reason (a client's fault if
// trying again does not help), or the error of the whole call, after which whether SQS did it is not known. A call under way is
// finished even when ctx ends, so that stopping a command leaves nothing unknown; no new one is started.
func each[E any](ctx context.Context, entries []E, do call[E]) []error {
	results := make([]error, len(entries))
	left := make([]int, len(entries))
	for i := range left {
		left[i] = i
	}
	for wait := firstWait; len(left) > 0; wait *= 2 {
		answers, err := once(ctx, entries, left, do)
		var again []int
		for _, n := range left {
			answer, known := answers[strconv.Itoa(n)]
			if !known {
				answer = cmp.Or(err, errUnanswered) // with an error the SDK has tried again already
			}
			results[n] = answer
			if refusal, ok := answer.(*smithy.GenericAPIError); known && ok && refusal.Fault == smithy.FaultServer {
				again = append(again, n)
			}
		}
		if left = again; len(left) == 0 || wait > lastWait {
			break
		}
		if smithytime.SleepWithContext(ctx, wait) != nil {
			return results
		}
	}
	return results
}

// once makes one call for some of the entries and returns SQS's answers by their ids.
func once[E any](ctx context.Context, entries []E, numbers []int, do call[E]) (map[string]error, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callWithin)
	defer cancel()
	chosen := make([]E, len(numbers))
	for i, n := range numbers {
		chosen[i] = entries[n]
	}
	answers := map[string]error{}
	refused, err := do(ctx, chosen, func(id *string) { answers[aws.ToString(id)] = nil })
	for _, r := range refused {
		fault := map[bool]smithy.ErrorFault{true: smithy.FaultClient, false: smithy.FaultServer}[r.SenderFault]
		answers[aws.ToString(r.Id)] = &smithy.GenericAPIError{Code: aws.ToString(r.Code), Message: aws.ToString(r.Message), Fault: fault}
	}
	return answers, err
}

// Bytes is what SQS counts of a message against its limits.
func Bytes(body string, attributes map[string]types.MessageAttributeValue) int {
	size := len(body)
	for name, v := range attributes {
		size += len(name) + len(aws.ToString(v.DataType)) + len(aws.ToString(v.StringValue)) + len(v.BinaryValue)
	}
	return size
}
