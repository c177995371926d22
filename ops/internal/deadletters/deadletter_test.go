package deadletters_test

import (
	"io"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-lambda-go/events"

	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/ops/internal/opstest"
	"helpcrunch-mark-read/shared/mark"
	"helpcrunch-mark-read/shared/queue"
)

// What functions/queue writes is what is read here.
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

// A dead letter without a reason says whether SQS moved it, or whether there was no room for one.
func TestDeadLettersWithoutAReason(t *testing.T) {
	agent := mark.Mark{ID: 1, Reader: mark.Agent, Read: true}
	for _, tc := range []struct {
		name      string
		add       func(*testing.T, *opstest.Queues)
		outcome   string
		moved     bool
		originals int
	}{
		{"SQS moved it", func(t *testing.T, q *opstest.Queues) { sendAndMove(t, q, agent, nil) }, deadletters.NoOutcome, true, 0},
		{"SQS moved it, and its sender has an Outcome and a Source", func(t *testing.T, q *opstest.Queues) {
			sendAndMove(t, q, agent, sourceOf(`{"messageId":"forged"}`))
		}, deadletters.NoOutcome, true, 2},
		{"ten attributes of its own", func(t *testing.T, q *opstest.Queues) {
			q.AddDead(t, opstest.DeadLetter{Number: 1, Mark: agent, Outcome: "chat_not_found", More: 8})
		}, deadletters.NoRoom, false, 10},
		{"nine attributes of its own", func(t *testing.T, q *opstest.Queues) {
			q.AddDead(t, opstest.DeadLetter{Number: 1, Mark: agent, Outcome: "chat_not_found", More: 7})
		}, "chat_not_found", false, 9},
		{"no byte left", func(t *testing.T, q *opstest.Queues) {
			q.AddDead(t, opstest.DeadLetter{Number: 1, Mark: agent, Body: strings.Repeat("x", 1<<20-40), Outcome: "invalid_request"})
		}, deadletters.NoRoom, false, 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := opstest.New(t, true)
				tc.add(t, q)
				box := deadletters.Open(t.Context(), q.Client, q.Dead)
				defer box.Close(t.Context())
				found, _, err := deadletters.Find(t.Context(), box, deadletters.Filter{}, 1)
				if err != nil || len(found) != 1 {
					t.Fatalf("%v, %v", found, err)
				}
				l := found[0]
				if l.Outcome != tc.outcome || l.MovedBySQS != tc.moved || len(l.Originals()) != tc.originals || l.Source.MessageID == "forged" {
					t.Errorf("outcome %s, moved by SQS %t, originals %v, source %+v", l.Outcome, l.MovedBySQS, l.Originals(), l.Source)
				}
			})
		})
	}
}
