package deadletters_test

import (
	"io"
	"log/slog"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-lambda-go/events"

	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/ops/internal/opstest"
	"helpcrunch-mark-read/shared/queue"
)

// What functions/queue writes is what is read here: the two packages share no names, so this holds them together.
func TestDeadLettersOfTheQueueFunctionAreRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := opstest.New(t, true)
		handler := queue.Handler{SQS: q.Client, QueueURL: q.Marks, DeadLetterURL: q.Dead, Log: slog.New(slog.DiscardHandler), Metrics: io.Discard}
		value := "kept"
		_, err := handler.Handle(t.Context(), events.SQSEvent{Records: []events.SQSMessage{{
			MessageId: "m1", ReceiptHandle: "r1", Body: `{"id": 0, "reader": "agent"}`, EventSourceARN: "arn:aws:sqs:us-east-1:0:marks.fifo",
			Attributes:        map[string]string{"MessageGroupId": "7", "SentTimestamp": "946684800000", "ApproximateReceiveCount": "3"},
			MessageAttributes: map[string]events.SQSMessageAttribute{"original": {DataType: "String", StringValue: &value}},
		}}})
		if err != nil {
			t.Fatal(err)
		}
		box := deadletters.Open(t.Context(), q.Client, q.Dead)
		defer box.Close(t.Context())
		deadLetters, _, err := deadletters.Find(t.Context(), box, deadletters.Filter{IDs: []string{"m1"}}, 1)
		if err != nil || len(deadLetters) != 1 {
			t.Fatalf("%v, %v", deadLetters, err)
		}
		l := deadLetters[0]
		if l.Outcome != "invalid_request" || l.Message == "" || l.Group != "7" || l.Fault == nil ||
			l.Source.MessageID != "m1" || l.Source.ReceiveCount != 3 || l.Source.SentAt.UnixMilli() != 946684800000 {
			t.Errorf("read %+v", l)
		}
		if originals := l.Originals(); len(originals) != 1 || *originals["original"].StringValue != "kept" {
			t.Errorf("the original attributes are %v", originals)
		}
	})
}
