package eventsource

import (
	"encoding/json"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// event writes messages as Lambda does: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
func (m *Mapping) event(messages []types.Message) []byte {
	event := events.SQSEvent{Records: make([]events.SQSMessage, 0, len(messages))}
	for _, message := range messages {
		event.Records = append(event.Records, m.record(message))
	}
	payload, _ := json.Marshal(event) // strings can always be marshalled
	return payload
}

func (m *Mapping) record(message types.Message) events.SQSMessage {
	r := events.SQSMessage{
		MessageId:              aws.ToString(message.MessageId),
		ReceiptHandle:          aws.ToString(message.ReceiptHandle),
		Body:                   aws.ToString(message.Body),
		Attributes:             message.Attributes,
		MessageAttributes:      map[string]events.SQSMessageAttribute{},
		Md5OfBody:              aws.ToString(message.MD5OfBody),
		Md5OfMessageAttributes: aws.ToString(message.MD5OfMessageAttributes),
		EventSource:            "aws:sqs",
		EventSourceARN:         m.options.QueueARN,
		AWSRegion:              m.options.SQS.Options().Region,
	}
	for name, value := range message.MessageAttributes {
		r.MessageAttributes[name] = events.SQSMessageAttribute{
			StringValue: value.StringValue,
			BinaryValue: value.BinaryValue,
			// The lists are always there and always empty: SQS has no such values yet.
			StringListValues: []string{},
			BinaryListValues: [][]byte{},
			DataType:         aws.ToString(value.DataType),
		}
	}
	return r
}
