package eventsource

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// deleteTries is how many times a delete is attempted, beside the SDK's own retries. A message that stays comes back and is
// handled twice, as at-least-once delivery allows.
const deleteTries = 3

// delete deletes messages in batches of ten, the most that SQS takes at once.
func (m *Mapping) delete(ctx context.Context, messages []types.Message) {
	for part := range slices.Chunk(messages, batchSize) {
		m.deletePart(ctx, part)
	}
}

func (m *Mapping) deletePart(ctx context.Context, messages []types.Message) {
	var err error
	for try := range deleteTries {
		if try > 0 {
			pause(ctx, time.Duration(try)*time.Second)
		}
		if messages, err = m.deleteOnce(ctx, messages); len(messages) == 0 {
			break
		}
	}
	if err != nil {
		m.failed(ctx, err)
	}
}

// deleteOnce returns the messages that another try may delete, and the error for those that are still there.
func (m *Mapping) deleteOnce(ctx context.Context, messages []types.Message) ([]types.Message, error) {
	entries := make([]types.DeleteMessageBatchRequestEntry, 0, len(messages))
	for i, message := range messages {
		entries = append(entries, types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: message.ReceiptHandle})
	}
	output, err := m.options.SQS.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: aws.String(m.options.QueueURL), Entries: entries})
	if err != nil {
		return messages, fmt.Errorf("deleting from %s: %w", m.options.QueueURL, err)
	}
	var again []types.Message
	var faults []error
	for _, entry := range output.Failed {
		faults = append(faults, fmt.Errorf("deleting from %s: %s: %s", m.options.QueueURL, aws.ToString(entry.Code), aws.ToString(entry.Message)))
		if i, err := strconv.Atoi(aws.ToString(entry.Id)); err == nil && i < len(messages) && !entry.SenderFault {
			again = append(again, messages[i])
		}
	}
	return again, errors.Join(faults...)
}

// without returns the messages whose ids are not among these.
func without(messages []types.Message, ids []string) []types.Message {
	return slices.DeleteFunc(slices.Clone(messages), func(message types.Message) bool {
		return slices.Contains(ids, aws.ToString(message.MessageId))
	})
}
