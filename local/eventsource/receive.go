package eventsource

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
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
		return nil, fmt.Errorf("receiving from %s: %w", m.options.QueueURL, err)
	}
	return output.Messages, nil
}

// split cuts a batch where its event would be over 6 MiB, and keeps the order.
func (m *Mapping) split(messages []types.Message) [][]types.Message {
	var parts [][]types.Message
	start, size := 0, 0
	for i := range messages {
		length := m.size(messages[i : i+1])
		if size += length; size > maxEvent && i > start {
			parts = append(parts, messages[start:i])
			start, size = i, length
		}
	}
	if start < len(messages) {
		parts = append(parts, messages[start:])
	}
	return parts
}

// size is an upper bound for the parts of one event: each is measured with the frame around it.
func (m *Mapping) size(messages []types.Message) int { return len(m.event(messages)) }
