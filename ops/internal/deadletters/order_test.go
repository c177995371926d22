package deadletters_test

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/ops/internal/opstest"
	"helpcrunch-mark-read/shared/mark"
)

// redriveAll redrives whatever is in the queue.
func redriveAll(ctx context.Context, q *opstest.Queues, all bool) (deadletters.Redriven, error) {
	box := deadletters.Open(ctx, q.Client, q.Dead)
	defer box.Close(ctx)
	r := deadletters.Redrive{SQS: q.Client, QueueURL: q.Marks, Box: box, All: all}
	return r.Run(ctx)
}

// sendAndMove puts a message on the queue that SQS then moves to the dead-letter queue by itself.
func sendAndMove(t *testing.T, q *opstest.Queues, m mark.Mark, attributes map[string]types.MessageAttributeValue) {
	t.Helper()
	policy, err := q.Client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: aws.String(q.Dead), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameQueueArn}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = q.Client.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: aws.String(q.Marks), Attributes: map[string]string{
		"RedrivePolicy": `{"deadLetterTargetArn":"` + policy.Attributes["QueueArn"] + `","maxReceiveCount":"1"}`,
	}})
	if err != nil {
		t.Fatal(err)
	}
	_, err = q.Client.SendMessage(t.Context(), &sqs.SendMessageInput{
		QueueUrl: aws.String(q.Marks), MessageBody: aws.String(m.Message()), MessageAttributes: attributes,
		MessageGroupId: aws.String("1"), MessageDeduplicationId: aws.String("moved"),
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := q.Client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: aws.String(q.Marks), VisibilityTimeout: 1}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Second)
	}
}

func sourceOf(text string) map[string]types.MessageAttributeValue {
	attribute := func(s string) types.MessageAttributeValue {
		return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(s)}
	}
	return map[string]types.MessageAttributeValue{"Source": attribute(text), "Outcome": attribute("chat_not_found")}
}

// The latest mark wins, whatever the order in which the dead letters were written.
func TestRedriveOrdersAGroupByWhenItsMarksWereSent(t *testing.T) {
	agent := func(n int, read bool, ago time.Duration) opstest.DeadLetter {
		return opstest.DeadLetter{Number: n, Mark: mark.Mark{ID: 1, Reader: mark.Agent, Read: read}, Outcome: "unavailable", Sent: time.Now().Add(-ago)}
	}
	for _, tc := range []struct {
		name   string
		add    func(*testing.T, *opstest.Queues)
		all    bool
		bodies []string // on the queue, in order
		merged int
		failed int
	}{
		{"the newer was written first", func(t *testing.T, q *opstest.Queues) {
			q.AddDead(t, agent(2, false, time.Second), agent(1, true, time.Hour))
		}, false, []string{`{"id": 1, "reader": "agent", "read": false}`}, 1, 0},
		{"the newer was written first, and all are sent", func(t *testing.T, q *opstest.Queues) {
			q.AddDead(t, agent(2, false, time.Second), agent(1, true, time.Hour))
		}, true, []string{`{"id": 1, "reader": "agent", "read": true}`, `{"id": 1, "reader": "agent", "read": false}`}, 0, 0},
		{"one that SQS moved does not say when it was sent: arrival counts", func(t *testing.T, q *opstest.Queues) {
			q.AddDead(t, agent(2, false, time.Second))
			sendAndMove(t, q, mark.Mark{ID: 1, Reader: mark.Agent, Read: true}, nil)
		}, false, []string{`{"id": 1, "reader": "agent", "read": true}`}, 1, 0},
		{"nor does one with a Source of its sender's", func(t *testing.T, q *opstest.Queues) {
			q.AddDead(t, agent(2, false, time.Second))
			sendAndMove(t, q, mark.Mark{ID: 1, Reader: mark.Agent, Read: true}, sourceOf(`{"sentAt":"1999-01-01T00:00:00Z"}`))
		}, false, []string{`{"id": 1, "reader": "agent", "read": true}`}, 1, 0},
		{"the newer is in another group", func(t *testing.T, q *opstest.Queues) {
			older, newer := agent(1, true, time.Hour), agent(2, false, time.Second)
			older.Group, newer.Group = "z", "a"
			q.AddDead(t, older, newer)
		}, false, []string{`{"id": 1, "reader": "agent", "read": false}`}, 1, 0},
		{"the oldest was written after ten others", func(t *testing.T, q *opstest.Queues) {
			for n := range 10 {
				q.AddDead(t, agent(n, false, time.Minute-time.Duration(n)*time.Second))
			}
			q.AddDead(t, agent(10, true, time.Hour))
		}, false, []string{`{"id": 1, "reader": "agent", "read": false}`}, 10, 0},
		{"the oldest was written after ten others, and all are sent", func(t *testing.T, q *opstest.Queues) {
			for n := range 10 {
				q.AddDead(t, agent(n, n%2 == 0, time.Minute-time.Duration(n)*time.Second))
			}
			q.AddDead(t, agent(10, true, time.Hour))
		}, true, slices.Repeat([]string{`{"id": 1, "reader": "agent", "read": true}`, `{"id": 1, "reader": "agent", "read": false}`}, 5), 0, 1},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := opstest.New(t, true)
				tc.add(t, q)
				done, err := redriveAll(t.Context(), q, tc.all)
				var bodies []string
				for _, m := range q.Messages(t, q.Marks) {
					bodies = append(bodies, m.Body)
				}
				if err != nil || !slices.Equal(bodies, tc.bodies) || done.Merged != tc.merged || len(done.Failed) != tc.failed {
					t.Errorf("on the queue is %q, want %q: %+v, %v", bodies, tc.bodies, done, err)
				}
				if left := len(q.Messages(t, q.Dead)); left != tc.failed {
					t.Errorf("%d dead letters are left, want %d", left, tc.failed)
				}
			})
		})
	}
}

// What is merged has the bound that the rule of merging keeps; a body that the rule leaves as it is stays so to the byte.
func TestRedriveMergesBounds(t *testing.T) {
	for _, tc := range []struct {
		name   string
		bodies []string // oldest first
		want   string
	}{
		{"one mark", []string{`{"read":true,"id":1,"reader":"agent","asOf":"17.5","note":"kept"}`}, `{"read":true,"id":1,"reader":"agent","asOf":"17.5","note":"kept"}`},
		{"the latest has the later bound", []string{`{"id":1,"reader":"agent","read":true,"asOf":5}`, `{"id":1,"reader":"agent","read":true,"asOf":7.0,"note":1}`}, `{"id":1,"reader":"agent","read":true,"asOf":7.0,"note":1}`},
		{"an earlier one has the later bound", []string{`{"id":1,"reader":"agent","read":true,"asOf":9}`, `{"id":1,"reader":"agent","read":true,"asOf":7}`}, `{"id": 1, "reader": "agent", "read": true, "asOf": 9}`},
		{"an earlier one has none", []string{`{"id":1,"reader":"agent","read":true}`, `{"id":1,"reader":"agent","read":true,"asOf":7}`}, `{"id": 1, "reader": "agent", "read": true}`},
		{"unread in between", []string{`{"id":1,"reader":"agent","read":true}`, `{"id":1,"reader":"agent","read":false}`, `{"id":1,"reader":"agent","read":true,"asOf":7}`}, `{"id":1,"reader":"agent","read":true,"asOf":7}`},
		{"another reader's", []string{`{"id":1,"reader":"agent","read":true,"asOf":7}`, `{"id":1,"reader":"customer","read":true,"asOf":9}`}, `{"id":1,"reader":"agent","read":true,"asOf":7}`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := opstest.New(t, true)
				for n, body := range tc.bodies {
					q.AddDead(t, opstest.DeadLetter{Number: n, Mark: mark.Mark{ID: 1}, Body: body, Outcome: "unavailable"})
				}
				if _, err := redriveAll(t.Context(), q, false); err != nil {
					t.Fatal(err)
				}
				if sent := q.Messages(t, q.Marks); len(sent) == 0 || sent[0].Body != tc.want {
					t.Errorf("sent %+v, want %s", sent, tc.want)
				}
			})
		})
	}
}
