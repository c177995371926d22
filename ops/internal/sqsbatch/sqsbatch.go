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

// SQS is the part of SQS's API that the command uses; *sqs.Client has it.
type SQS interface {
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
	DeleteMessageBatch(context.Context, *sqs.DeleteMessageBatchInput, ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error)
	ChangeMessageVisibilityBatch(context.Context, *sqs.ChangeMessageVisibilityBatchInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error)
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error)
}

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
func Send(ctx context.Context, api SQS, queueURL string, entries []types.SendMessageBatchRequestEntry) (messageIDs []string, results []error) {
	messageIDs = make([]string, len(entries))
	results = each(ctx, len(entries), func(ctx context.Context, numbers []int) (said answer, err error) {
		chosen := make([]types.SendMessageBatchRequestEntry, len(numbers))
		for i, n := range numbers {
			chosen[i] = entries[n]
			chosen[i].Id = aws.String(strconv.Itoa(n))
		}
		output, err := api.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: aws.String(queueURL), Entries: chosen})
		if err != nil {
			return said, err
		}
		for _, sent := range output.Successful {
			said.done = append(said.done, sent.Id)
			if i, ok := number(sent.Id, len(entries)); ok {
				messageIDs[i] = aws.ToString(sent.MessageId)
			}
		}
		said.failed = output.Failed
		return said, nil
	})
	return messageIDs, results
}

// Delete deletes at most Most messages by their receipt handles, and returns for each its result.
func Delete(ctx context.Context, api SQS, queueURL string, receipts []string) []error {
	return each(ctx, len(receipts), func(ctx context.Context, numbers []int) (said answer, err error) {
		input := &sqs.DeleteMessageBatchInput{QueueUrl: aws.String(queueURL)}
		for _, n := range numbers {
			input.Entries = append(input.Entries, types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(n)), ReceiptHandle: aws.String(receipts[n])})
		}
		output, err := api.DeleteMessageBatch(ctx, input)
		if err != nil {
			return said, err
		}
		for _, deleted := range output.Successful {
			said.done = append(said.done, deleted.Id)
		}
		said.failed = output.Failed
		return said, nil
	})
}

// ChangeVisibility sets how long at most Most messages stay out of sight from now on (rounded up to seconds; 0 puts them
// back), and returns for each its result.
func ChangeVisibility(ctx context.Context, api SQS, queueURL string, receipts []string, timeout time.Duration) []error {
	seconds := int32(math.Ceil(timeout.Seconds()))
	return each(ctx, len(receipts), func(ctx context.Context, numbers []int) (said answer, err error) {
		input := &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: aws.String(queueURL)}
		for _, n := range numbers {
			input.Entries = append(input.Entries, types.ChangeMessageVisibilityBatchRequestEntry{
				Id: aws.String(strconv.Itoa(n)), ReceiptHandle: aws.String(receipts[n]), VisibilityTimeout: seconds,
			})
		}
		output, err := api.ChangeMessageVisibilityBatch(ctx, input)
		if err != nil {
			return said, err
		}
		for _, changed := range output.Successful {
			said.done = append(said.done, changed.Id)
		}
		said.failed = output.Failed
		return said, nil
	})
}

// answer is what SQS says of the entries of one call, by their ids.
type answer struct {
	done   []*string
	failed []types.BatchResultErrorEntry
}

// call makes one batch call for the entries with these numbers.
type call func(ctx context.Context, numbers []int) (answer, error)

var errUnanswered = errors.New("SQS did not say whether it did it") // for an entry that SQS neither confirmed nor refused

// each makes the calls until every one of n entries has its result: nil, a *smithy.GenericAPIError with SQS's reason (a client's
// fault if trying again does not help), or the error of the whole call, after which whether SQS did it is not known. A call under
// way is finished even when ctx ends, so that stopping a command leaves nothing unknown; no new one is started.
func each(ctx context.Context, n int, do call) []error {
	results := make([]error, n)
	left := make([]int, n)
	for i := range left {
		left[i] = i
	}
	for wait := firstWait; len(left) > 0; wait *= 2 {
		if left = once(ctx, left, results, do); len(left) == 0 || wait > lastWait {
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

// once makes one call, writes the results, and returns the entries that are worth another try.
func once(ctx context.Context, numbers []int, results []error, do call) (again []int) {
	err := ctx.Err()
	var said answer
	if err == nil {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), callWithin)
		defer cancel()
		if said, err = do(ctx, numbers); err == nil { // otherwise the SDK has tried again already
			err = errUnanswered
		}
	}
	for _, i := range numbers {
		results[i] = err
	}
	for _, id := range said.done {
		if i, ok := number(id, len(results)); ok {
			results[i] = nil
		}
	}
	for _, f := range said.failed {
		i, ok := number(f.Id, len(results))
		if !ok {
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

// number reads an entry's id back; ids that were never given are not believed.
func number(id *string, n int) (int, bool) {
	i, err := strconv.Atoi(aws.ToString(id))
	return i, err == nil && i >= 0 && i < n
}

// Bytes is what SQS counts of a message against its limits.
func Bytes(body string, attributes map[string]types.MessageAttributeValue) int {
	size := len(body)
	for name, v := range attributes {
		size += len(name) + len(aws.ToString(v.DataType)) + len(aws.ToString(v.StringValue)) + len(v.BinaryValue)
	}
	return size
}
