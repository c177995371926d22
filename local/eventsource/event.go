package eventsource

import (
	"encoding/json"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// record is a message as Lambda writes it: without a checksum of attributes where there are none.
type record struct {
	events.SQSMessage
	MD5OfMessageAttributes string `json:"md5OfMessageAttributes,omitempty"` // in the place of the embedded one, which is always written
}

// event writes messages as Lambda does: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
func (m *Mapping) event(messages []types.Message) []byte {
	records := make([]record, 0, len(messages))
	for _, message := range messages {
		records = append(records, record{m.message(message), aws.ToString(message.MD5OfMessageAttributes)})
	}
	payload, _ := json.Marshal(map[string][]record{"Records": records}) // strings can always be marshalled
	return payload
}

func (m *Mapping) message(message types.Message) events.SQSMessage {
	r := events.SQSMessage{
		MessageId:         aws.ToString(message.MessageId),
		ReceiptHandle:     aws.ToString(message.ReceiptHandle),
		Body:              aws.ToString(message.Body),
		Attributes:        message.Attributes,
		MessageAttributes: map[string]events.SQSMessageAttribute{},
		Md5OfBody:         aws.ToString(message.MD5OfBody),
		EventSource:       "aws:sqs",
		EventSourceARN:    m.options.QueueARN,
		AWSRegion:         m.options.SQS.Options().Region,
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
