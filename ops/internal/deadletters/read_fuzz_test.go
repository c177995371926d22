package deadletters

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// FuzzRead: whatever somebody has put into the dead-letter queue is read as a dead letter, either with a mark or with a fault, and
// what its sender wrote comes back as it is.
func FuzzRead(f *testing.F) {
	f.Add(`{"id": 5208, "reader": "agent", "read": true}`, "chat_not_found", "invalid_request,not_fount", `{"messageId":"m","sentAt":"2026-01-31T12:00:00Z","receiveCount":3,"requestId":"r"}`, "1767225600000", "5208")
	f.Add("", "", ",", `{"sentAt":"yesterday","receiveCount":"many"}`, "-1", "")
	f.Add("\u009b31m", "none", "\xff", `[`, "99999999999999999999", ".fifo")
	f.Fuzz(func(t *testing.T, body, outcome, codes, source, sent, group string) {
		attribute := func(s string) types.MessageAttributeValue {
			return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(s)}
		}
		l := read(types.Message{
			MessageId: aws.String("id"), Body: aws.String(body), Attributes: map[string]string{"SentTimestamp": sent, "MessageGroupId": group},
			MessageAttributes: map[string]types.MessageAttributeValue{
				"Outcome": attribute(outcome), "ErrorCode": attribute(codes), "Source": attribute(source), "original": attribute(body),
			},
		})
		if (l.Fault == nil) != (l.Mark.ID > 0) || l.Outcome == "" || l.Body != body || l.Group != group {
			t.Fatalf("read %+v", l)
		}
		if originals := l.Originals(); len(originals) != 1 || aws.ToString(originals["original"].StringValue) != body {
			t.Fatalf("the original attributes are %v", originals)
		}
	})
}
