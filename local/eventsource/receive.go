package eventsource

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// gather waits for messages and, when there is a batch window, for more of them until the batch is full or the window over.
// What has been received is returned even if ctx ends or the mapping is paused: it would stay invisible otherwise.
func (m *Mapping) gather(ctx context.Context) ([]types.Message, error) {
	batch, err := m.receive(ctx, min(maxReceive, m.options.BatchSize), maxWait)
	if err != nil || len(batch) == 0 {
		return nil, err
	}
	end, size := time.Now().Add(m.options.Window), m.size(batch)
	for len(batch) < m.options.BatchSize && ctx.Err() == nil && !m.Paused() {
		left := time.Until(end)
		if left <= 0 || size >= maxEvent {
			break
		}
		more, err := m.receive(ctx, min(maxReceive, m.options.BatchSize-len(batch)), left)
		if err != nil {
			m.failed(ctx, err)
			break
		}
		batch, size = append(batch, more...), size+m.size(more)
	}
	return batch, nil
}

// receive asks SQS once. The wait is rounded up to whole seconds, SQS's unit.
func (m *Mapping) receive(ctx context.Context, most int, wait time.Duration) ([]types.Message, error) {
	seconds := (min(wait, maxWait) + time.Second - 1) / time.Second
	output, err := m.options.SQS.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl:                    aws.String(m.options.QueueURL),
		MaxNumberOfMessages:         int32(most),
		WaitTimeSeconds:             int32(seconds),
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
		MessageAttributeNames:       []string{"All"},
	})
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
