// Package sqsbatch makes SQS's batch calls as an operator needs them: ten entries and 1 MiB a call, what failed in part
// is tried again, and every entry has a result of its own.
package sqsbatch

import (
	"context"
	"errors"
	"math"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"
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
	messageIDs = make([]string, len(entries))
	for i := range entries {
		entries[i].Id = aws.String(strconv.Itoa(i))
	}
	results = each(ctx, entries, func(ctx context.Context, entries []types.SendMessageBatchRequestEntry, confirm func(*string) int) ([]types.BatchResultErrorEntry, error) {
		output, err := api.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: aws.String(queueURL), Entries: entries})
		if err != nil {
			return nil, err
		}
		for _, sent := range output.Successful {
			if i := confirm(sent.Id); i >= 0 {
				messageIDs[i] = aws.ToString(sent.MessageId)
			}
		}
		return output.Failed, nil
	})
	return messageIDs, results
}

// Delete deletes at most Most messages by their receipt handles, and returns for each its result.
func Delete(ctx context.Context, api *sqs.Client, queueURL string, receipts []string) []error {
	entries := make([]types.DeleteMessageBatchRequestEntry, len(receipts))
	for i, receipt := range receipts {
		entries[i] = types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: aws.String(receipt)}
	}
	return each(ctx, entries, func(ctx context.Context, entries []types.DeleteMessageBatchRequestEntry, confirm func(*string) int) ([]types.BatchResultErrorEntry, error) {
		output, err := api.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: aws.String(queueURL), Entries: entries})
		if err != nil {
			return nil, err
		}
		for _, deleted := range output.Successful {
			confirm(deleted.Id)
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
	return each(ctx, entries, func(ctx context.Context, entries []types.ChangeMessageVisibilityBatchRequestEntry, confirm func(*string) int) ([]types.BatchResultErrorEntry, error) {
		output, err := api.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: aws.String(queueURL), Entries: entries})
		if err != nil {
			return nil, err
		}
		for _, changed := range output.Successful {
			confirm(changed.Id)
		}
		return output.Failed, nil
	})
}

// call makes one batch call and returns what SQS refuses. What SQS has done is to be confirmed by its id, which returns the
// entry's number, or -1 for an id that was never given.
type call[E any] func(ctx context.Context, entries []E, confirm func(id *string) int) ([]types.BatchResultErrorEntry, error)

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
		if left = once(ctx, entries, left, results, do); len(left) == 0 || wait > lastWait {
			break
		}
		select {
		case <-time.After(wait):
		case <-ctx.Done():
			return results
		}
	}
	return results
}

// once makes one call for some of the entries, writes their results, and returns those that are worth another try.
func once[E any](ctx context.Context, entries []E, numbers []int, results []error, do call[E]) (again []int) {
	chosen := make([]E, len(numbers))
	for i, n := range numbers {
		chosen[i], results[n] = entries[n], errUnanswered
	}
	number := func(id *string) int {
		if i, err := strconv.Atoi(aws.ToString(id)); err == nil && i >= 0 && i < len(entries) {
			return i
		}
		return -1
	}
	err := ctx.Err()
	var refused []types.BatchResultErrorEntry
	if err == nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callWithin)
		defer cancel()
		refused, err = do(ctx, chosen, func(id *string) int {
			i := number(id)
			if i >= 0 {
				results[i] = nil
			}
			return i
		})
	}
	if err != nil { // the SDK has tried again already
		for _, n := range numbers {
			results[n] = err
		}
	}
	for _, f := range refused {
		i := number(f.Id)
		if i < 0 {
			continue
		}
		fault := smithy.FaultServer
		if f.SenderFault {
			fault = smithy.FaultClient
		} else {
			again = append(again, i)
		}
		results[i] = &smithy.GenericAPIError{Code: aws.ToString(f.Code), Message: aws.ToString(f.Message), Fault: fault}
	}
	return again
}

// Bytes is what SQS counts of a message against its limits.
func Bytes(body string, attributes map[string]types.MessageAttributeValue) int {
	size := len(body)
	for name, v := range attributes {
		size += len(name) + len(aws.ToString(v.DataType)) + len(aws.ToString(v.StringValue)) + len(v.BinaryValue)
	}
	return size
}
