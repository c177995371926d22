package page

import (
	"slices"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func TestADeadLetterShowsItsReason(t *testing.T) {
	h := newHarness(t, "http://gateway.local")
	text := func(value string) types.MessageAttributeValue {
		return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: &value}
	}
	_, err := h.client.SendMessage(t.Context(), &awssqs.SendMessageInput{
		QueueUrl: aws.String(h.queues.QueueURL("dead.fifo")), MessageBody: aws.String(`{"id": 7, "reader": "agent", "read": false}`),
		MessageGroupId: aws.String("7"), MessageDeduplicationId: aws.String("7"),
		MessageAttributes: map[string]types.MessageAttributeValue{
			"Outcome": text("chat_not_found"), "ErrorCode": text("not_fount"), "ErrorMessage": text("Chat was not found"), "Source": text("{}"),
			"HttpStatus": {DataType: aws.String("Number"), StringValue: aws.String("404")}, "origin": text("crm"),
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	snapshot, err := h.page.snapshot()
	if err != nil {
		t.Fatal(err)
	}
	m := snapshot.Dead.Messages[0]
	if got := []string{m.Outcome, m.Codes, m.Reason, m.Status}; !slices.Equal(got, []string{"chat_not_found", "not_fount", "Chat was not found", "404"}) {
		t.Errorf("it shows %q", got)
	}
	if m.Mark == nil || *m.Mark != (mark{Chat: 7, Reader: "agent"}) {
		t.Errorf("its mark is %+v", m.Mark)
	}
}
