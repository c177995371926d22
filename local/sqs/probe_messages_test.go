package sqs_test

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

type sendOption func(*awssqs.SendMessageInput)

func group(id string) sendOption {
	return func(in *awssqs.SendMessageInput) { in.MessageGroupId = &id }
}

func dedup(id string) sendOption {
	return func(in *awssqs.SendMessageInput) { in.MessageDeduplicationId = &id }
}

func delay(seconds int32) sendOption {
	return func(in *awssqs.SendMessageInput) { in.DelaySeconds = seconds }
}

func with(name, dataType, value string) sendOption {
	return func(in *awssqs.SendMessageInput) {
		if in.MessageAttributes == nil {
			in.MessageAttributes = map[string]types.MessageAttributeValue{}
		}
		in.MessageAttributes[name] = types.MessageAttributeValue{DataType: &dataType, StringValue: &value}
	}
}

func withBytes(name, dataType string, value []byte) sendOption {
	return func(in *awssqs.SendMessageInput) {
		in.MessageAttributes = map[string]types.MessageAttributeValue{name: {DataType: &dataType, BinaryValue: value}}
	}
}

func (p *probe) trySend(url *string, body string, options ...sendOption) (*awssqs.SendMessageOutput, error) {
	in := &awssqs.SendMessageInput{QueueUrl: url, MessageBody: &body}
	for _, o := range options {
		o(in)
	}
	return p.client.SendMessage(p.ctx, in)
}

func (p *probe) send(url *string, body string, options ...sendOption) *awssqs.SendMessageOutput {
	out, err := p.trySend(url, body, options...)
	p.ok(err)
	return out
}

// sendGroup sends bodies to one group of a FIFO queue, each its own deduplication id.
func (p *probe) sendGroup(url *string, id string, bodies ...string) {
	for _, body := range bodies {
		p.send(url, body, group(id), dedup(id+"-"+body))
	}
}

type receiveOption func(*awssqs.ReceiveMessageInput)

func upTo(n int32) receiveOption {
	return func(in *awssqs.ReceiveMessageInput) { in.MaxNumberOfMessages = n }
}

func hiddenFor(seconds int32) receiveOption {
	return func(in *awssqs.ReceiveMessageInput) { in.VisibilityTimeout = seconds }
}

func waiting(seconds int32) receiveOption {
	return func(in *awssqs.ReceiveMessageInput) { in.WaitTimeSeconds = seconds }
}

func system(names ...types.MessageSystemAttributeName) receiveOption {
	return func(in *awssqs.ReceiveMessageInput) { in.MessageSystemAttributeNames = names }
}

func asking(names ...string) receiveOption {
	return func(in *awssqs.ReceiveMessageInput) { in.MessageAttributeNames = names }
}

func (p *probe) tryReceive(url *string, options ...receiveOption) ([]types.Message, error) {
	in := &awssqs.ReceiveMessageInput{QueueUrl: url}
	for _, o := range options {
		o(in)
	}
	out, err := p.client.ReceiveMessage(p.ctx, in)
	if err != nil {
		return nil, err
	}
	return out.Messages, nil
}

func (p *probe) receive(url *string, options ...receiveOption) []types.Message {
	got, err := p.tryReceive(url, options...)
	p.ok(err)
	return got
}

// receiveOne wants exactly one message.
func (p *probe) receiveOne(url *string, options ...receiveOption) types.Message {
	got := p.receive(url, options...)
	p.equal("messages received", len(got), 1)
	return got[0]
}

// receives wants these bodies in this order from one receive of up to ten, and returns the messages.
func (p *probe) receives(url *string, bodies ...string) []types.Message {
	got := p.receive(url, upTo(10), system(types.MessageSystemAttributeNameAll))
	seen := []string{}
	for _, m := range got {
		seen = append(seen, *m.Body)
	}
	p.equal("bodies received", seen, append([]string{}, bodies...))
	return got
}

func (p *probe) tryDelete(url *string, m types.Message) error {
	_, err := p.client.DeleteMessage(p.ctx, &awssqs.DeleteMessageInput{QueueUrl: url, ReceiptHandle: m.ReceiptHandle})
	return err
}

func (p *probe) delete(url *string, m types.Message) { p.ok(p.tryDelete(url, m)) }

func (p *probe) tryHold(url *string, m types.Message, seconds int32) error {
	_, err := p.client.ChangeMessageVisibility(p.ctx, &awssqs.ChangeMessageVisibilityInput{
		QueueUrl: url, ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: seconds,
	})
	return err
}

func (p *probe) hold(url *string, m types.Message, seconds int32) { p.ok(p.tryHold(url, m, seconds)) }

func garbage() types.Message { return types.Message{ReceiptHandle: aws.String("garbage")} }
