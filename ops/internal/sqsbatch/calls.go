package sqsbatch

import (
	"context"
	"math"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// Sender is the part of SQS that Send needs.
type Sender interface {
	SendMessageBatch(context.Context, *sqs.SendMessageBatchInput, ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error)
}

// Deleter is the part of SQS that Delete needs.
type Deleter interface {
	DeleteMessageBatch(context.Context, *sqs.DeleteMessageBatchInput, ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error)
}

// VisibilityChanger is the part of SQS that ChangeVisibility needs.
type VisibilityChanger interface {
	ChangeMessageVisibilityBatch(context.Context, *sqs.ChangeMessageVisibilityBatchInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error)
}

// Send sends at most Most entries, together no larger than MostBytes, and returns for each its message id and its result: only
// one that SQS has confirmed has an id and no error. The entries' own ids are set here.
func Send(ctx context.Context, api Sender, queueURL string, entries []types.SendMessageBatchRequestEntry) (messageIDs []string, results []error) {
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
func Delete(ctx context.Context, api Deleter, queueURL string, receipts []string) []error {
	return each(ctx, len(receipts), func(ctx context.Context, numbers []int) (said answer, err error) {
		entries := make([]types.DeleteMessageBatchRequestEntry, len(numbers))
		for i, n := range numbers {
			entries[i] = types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(n)), ReceiptHandle: aws.String(receipts[n])}
		}
		output, err := api.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: aws.String(queueURL), Entries: entries})
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
func ChangeVisibility(ctx context.Context, api VisibilityChanger, queueURL string, receipts []string, timeout time.Duration) []error {
	seconds := int32(math.Ceil(timeout.Seconds()))
	return each(ctx, len(receipts), func(ctx context.Context, numbers []int) (said answer, err error) {
		entries := make([]types.ChangeMessageVisibilityBatchRequestEntry, len(numbers))
		for i, n := range numbers {
			entries[i] = types.ChangeMessageVisibilityBatchRequestEntry{
				Id: aws.String(strconv.Itoa(n)), ReceiptHandle: aws.String(receipts[n]), VisibilityTimeout: seconds,
			}
		}
		output, err := api.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: aws.String(queueURL), Entries: entries})
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
