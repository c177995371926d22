package eventsource

import (
	"context"
	"crypto/rand"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	smithytime "github.com/aws/smithy-go/time"
)

// receive asks SQS for a batch and waits up to 20 s for one.
func (m *Mapping) receive(ctx context.Context) ([]types.Message, error) {
	input := &sqs.ReceiveMessageInput{
		QueueUrl:                    aws.String(m.options.QueueURL),
		MaxNumberOfMessages:         batchSize,
		WaitTimeSeconds:             20,
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
		MessageAttributeNames:       []string{"All"},
	}
	if m.options.fifo() { // the SDK's second try, when an answer was lost, then returns the same messages
		input.ReceiveRequestAttemptId = aws.String(rand.Text())
	}
	output, err := m.options.SQS.ReceiveMessage(ctx, input)
	if err != nil {
		return nil, err
	}
	return output.Messages, nil
}

// deleteTries is how many times a delete is attempted, beside the SDK's own retries. A message that stays comes back and is
// handled twice, as at-least-once delivery allows.
const deleteTries = 3

func (m *Mapping) delete(ctx context.Context, messages []types.Message) {
	for try := 0; try < deleteTries && len(messages) > 0; try++ {
		_ = smithytime.SleepWithContext(ctx, time.Duration(try)*time.Second)
		messages = m.deleteOnce(ctx, messages)
	}
}

// deleteOnce returns the messages that another try may delete.
func (m *Mapping) deleteOnce(ctx context.Context, messages []types.Message) (again []types.Message) {
	entries := make([]types.DeleteMessageBatchRequestEntry, 0, len(messages))
	for i, message := range messages {
		entries = append(entries, types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: message.ReceiptHandle})
	}
	output, err := m.options.SQS.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: aws.String(m.options.QueueURL), Entries: entries})
	if err != nil {
		return messages
	}
	for _, entry := range output.Failed {
		if i, err := strconv.Atoi(aws.ToString(entry.Id)); err == nil && i < len(messages) && !entry.SenderFault {
			again = append(again, messages[i])
		}
	}
	return again
}

// without returns the messages whose ids are not among these.
func without(messages []types.Message, ids []string) []types.Message {
	return slices.DeleteFunc(slices.Clone(messages), func(message types.Message) bool {
		return slices.Contains(ids, aws.ToString(message.MessageId))
	})
}
