package eventsource

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// testdata/event.json has the shape of the events in Lambda's documentation and in aws-lambda-go's testdata.
func TestEventIsWrittenAsLambdaWritesIt(t *testing.T) {
	m := Mapping{options: Options{SQS: awssqs.New(awssqs.Options{Region: "eu-central-1"}), QueueARN: "arn:aws:sqs:eu-central-1:123456789012:marks.fifo"}}
	got := m.event([]types.Message{
		{
			MessageId:     aws.String("059f36b4-87a3-44ab-83d2-661975830a7d"),
			ReceiptHandle: aws.String("AQEBwJnKyrHigUMZj6rYigCgxlaS3SLy0a"),
			Body:          aws.String(`{"id": 5208, "reader": "agent", "read": true}`),
			Attributes: map[string]string{
				"ApproximateReceiveCount": "2", "SentTimestamp": "1545082649183", "SenderId": "AIDAIENQZJOLO23YVJ4VO",
				"ApproximateFirstReceiveTimestamp": "1545082649185", "MessageGroupId": "5208", "MessageDeduplicationId": "1",
				"SequenceNumber": "18849496460467696128",
			},
			MessageAttributes: map[string]types.MessageAttributeValue{
				"Origin": {DataType: aws.String("String"), StringValue: aws.String("crm")},
				"Try":    {DataType: aws.String("Number.int"), StringValue: aws.String("3")},
				"Trace":  {DataType: aws.String("Binary"), BinaryValue: []byte{0, 255, 16}},
			},
			MD5OfBody:              aws.String("e4e68fb7bd0e697a0ae8f1bb342846b3"),
			MD5OfMessageAttributes: aws.String("00484c68f0a1e8e1b2a9c4bfcd5f0f8e"),
		},
		{
			MessageId:     aws.String("2e1424d4-f796-459a-8184-9c92662be6da"),
			ReceiptHandle: aws.String("AQEBzWwaftRI0KuVm4tP"),
			Body:          aws.String("plain"),
			Attributes:    map[string]string{"SentTimestamp": "1545082650636"},
			MD5OfBody:     aws.String("b8ef5b3e5e0f2b6e2d1b9c2b3c1a4d5e"),
		},
	})
	golden, err := os.ReadFile("testdata/event.json")
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(decoded(t, got), decoded(t, golden)) {
		t.Errorf("got %s", got)
	}
}

func TestAttributesOfAMessageReachTheFunction(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, "q")
		_, err := b.client.SendMessage(t.Context(), &awssqs.SendMessageInput{
			QueueUrl: &b.url, MessageBody: aws.String("x"),
			MessageAttributes: map[string]types.MessageAttributeValue{
				"Origin": {DataType: aws.String("String"), StringValue: aws.String("crm")},
				"Trace":  {DataType: aws.String("Binary"), BinaryValue: []byte{0, 255}},
			},
		})
		if err != nil {
			t.Fatal(err)
		}
		var got events.SQSMessage
		b.run(Options{}, time.Second, func(e events.SQSEvent) (string, error) {
			got = e.Records[0]
			return "", nil
		})
		origin, trace := got.MessageAttributes["Origin"], got.MessageAttributes["Trace"]
		if aws.ToString(origin.StringValue) != "crm" || origin.DataType != "String" || string(trace.BinaryValue) != "\x00\xff" {
			t.Errorf("got %+v", got.MessageAttributes)
		}
		if len(got.Md5OfBody) != 32 || len(got.Md5OfMessageAttributes) != 32 {
			t.Errorf("checksums %q, %q", got.Md5OfBody, got.Md5OfMessageAttributes)
		}
	})
}

func decoded(t *testing.T, text []byte) (value any) {
	t.Helper()
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatal(err)
	}
	return value
}
