package eventsource

import (
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// record is one message as Lambda writes it: https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
type record struct {
	MessageID              string               `json:"messageId"`
	ReceiptHandle          string               `json:"receiptHandle"`
	Body                   string               `json:"body"`
	Attributes             map[string]string    `json:"attributes"`
	MessageAttributes      map[string]attribute `json:"messageAttributes"`
	MD5OfBody              string               `json:"md5OfBody"`
	MD5OfMessageAttributes string               `json:"md5OfMessageAttributes,omitempty"`
	EventSource            string               `json:"eventSource"`
	EventSourceARN         string               `json:"eventSourceARN"`
	AWSRegion              string               `json:"awsRegion"`
}

// attribute is a message attribute. The lists are always there and always empty: SQS has no such values yet.
type attribute struct {
	StringValue      *string  `json:"stringValue,omitempty"`
	BinaryValue      []byte   `json:"binaryValue,omitempty"` // base64
	StringListValues []string `json:"stringListValues"`
	BinaryListValues []string `json:"binaryListValues"`
	DataType         string   `json:"dataType"`
}

func (m *Mapping) event(messages []types.Message) []byte {
	records := make([]record, 0, len(messages))
	for _, message := range messages {
		records = append(records, m.record(message))
	}
	payload, _ := json.Marshal(map[string][]record{"Records": records}) // strings can always be marshalled
	return payload
}

func (m *Mapping) record(message types.Message) record {
	r := record{
		MessageID:              aws.ToString(message.MessageId),
		ReceiptHandle:          aws.ToString(message.ReceiptHandle),
		Body:                   aws.ToString(message.Body),
		Attributes:             message.Attributes,
		MessageAttributes:      map[string]attribute{},
		MD5OfBody:              aws.ToString(message.MD5OfBody),
		MD5OfMessageAttributes: aws.ToString(message.MD5OfMessageAttributes),
		EventSource:            "aws:sqs",
		EventSourceARN:         m.options.QueueARN,
		AWSRegion:              m.options.region(),
	}
	for name, value := range message.MessageAttributes {
		r.MessageAttributes[name] = attribute{
			StringValue:      value.StringValue,
			BinaryValue:      value.BinaryValue,
			StringListValues: []string{},
			BinaryListValues: []string{},
			DataType:         aws.ToString(value.DataType),
		}
	}
	return r
}
