package page

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/local/sqs"
)

// bury puts a dead letter as the queue function writes it.
func (b *bench) bury(body, group string) (id string) {
	b.t.Helper()
	text := func(value string) types.MessageAttributeValue {
		return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: &value}
	}
	out, err := b.client.SendMessage(b.t.Context(), &awssqs.SendMessageInput{
		QueueUrl: aws.String(b.queues.QueueURL("dead.fifo")), MessageBody: &body, MessageGroupId: &group,
		MessageDeduplicationId: aws.String(fmt.Sprint(len(b.messages("dead.fifo")), body)),
		MessageAttributes: map[string]types.MessageAttributeValue{
			"Outcome": text("chat_not_found"), "ErrorCode": text("not_fount"), "ErrorMessage": text("Chat was not found"), "Source": text("{}"),
			"HttpStatus": {DataType: aws.String("Number"), StringValue: aws.String("404")}, "origin": text("crm"),
		},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return *out.MessageId
}

func (b *bench) redrive(id string) (status int, answer string) {
	b.t.Helper()
	return b.act("redrive", fmt.Sprintf(`{"letterId": %q}`, id))
}

// checkDead compares what is left, all of which must be visible: nothing may be out after an action.
func (b *bench) checkDead(want ...string) {
	b.t.Helper()
	letters := b.messages("dead.fifo")
	if got := bodies(letters); !slices.Equal(got, want) {
		b.t.Errorf("dead letters %q, want %q", got, want)
	}
	for _, m := range letters {
		if m.State != sqs.Visible {
			b.t.Errorf("letter %s was not put back", m.Body)
		}
	}
}

func (b *bench) checkQueue(want ...string) {
	b.t.Helper()
	if got := bodies(b.messages("marks.fifo")); !slices.Equal(got, want) {
		b.t.Errorf("on the queue lie %q, want %q", got, want)
	}
}

func TestLetterTellsItsReason(t *testing.T) {
	b := newBench(t, "http://gateway.local")
	b.bury("x", "1")
	snapshot, err := b.page.snapshot(Totals{})
	if err != nil {
		t.Fatal(err)
	}
	l := snapshot.Dead.Messages[0]
	if got := []string{l.Outcome, l.Codes, l.Reason, l.Status}; !slices.Equal(got, []string{"chat_not_found", "not_fount", "Chat was not found", "404"}) {
		t.Errorf("the letter tells %q", got)
	}
}

func TestRedriveOne(t *testing.T) {
	b := newBench(t, "http://gateway.local")
	b.bury("first", "5208")
	id := b.bury("second", "5208")
	b.bury("third", "5209")
	if status, answer := b.redrive(id); status != http.StatusOK {
		t.Fatal(answer)
	}
	b.checkDead("first", "third")
	b.checkQueue("second")
	m := b.messages("marks.fifo")[0]
	if m.GroupID != "5208" || len(m.Attributes) != 1 || m.Attributes["origin"].StringValue != "crm" {
		t.Errorf("group %q and attributes %v, want the original's", m.GroupID, m.Attributes)
	}
	if status, answer := b.redrive(id); status != http.StatusBadRequest || !strings.Contains(answer, "no longer there") {
		t.Errorf("a second time: %d %s", status, answer)
	}
	b.checkDead("first", "third")
	b.checkQueue("second")
}

func TestRedriveBehindTenOfItsChat(t *testing.T) {
	b := newBench(t, "http://gateway.local")
	var want []string
	for i := range 11 {
		want = append(want, fmt.Sprint(i))
		b.bury(want[i], "5208")
	}
	last := b.messages("dead.fifo")[10].ID
	for range 2 {
		if status, answer := b.redrive(last); status != http.StatusBadRequest || !strings.Contains(answer, "behind ten") {
			t.Errorf("%d %s", status, answer)
		}
		b.checkDead(want...)
	}
	if status, answer := b.act("redrive", `{}`); status != http.StatusOK || !strings.Contains(answer, "11 sent back") {
		t.Errorf("all: %d %s", status, answer)
	}
	b.checkDead()
	b.checkQueue(want...)
}

// TestRedriveLosesNothing breaks off at each call: a letter is then in one of the queues, or in both, and never in none.
func TestRedriveLosesNothing(t *testing.T) {
	for _, tc := range []struct {
		breaks string // the call
		fault  error
		dead   []string // afterwards
		queue  []string
	}{
		{"ReceiveMessage", sqs.Internal(), []string{"a", "b"}, nil},
		{"SendMessage", sqs.Internal(), []string{"a", "b"}, nil},
		{"SendMessage", sqs.ErrLoseAnswer, []string{"a", "b"}, []string{"b"}},
		{"DeleteMessage", sqs.Internal(), []string{"a", "b"}, []string{"b"}},
		{"DeleteMessage", sqs.ErrLoseAnswer, []string{"a"}, []string{"b"}},
	} {
		t.Run(fmt.Sprint(tc.breaks, " ", errors.Is(tc.fault, sqs.ErrLoseAnswer)), func(t *testing.T) {
			b := newBench(t, "http://gateway.local")
			b.bury("a", "1")
			id := b.bury("b", "2")
			b.queues.SetFault(func(c sqs.Call) error {
				if c.Action == tc.breaks {
					return tc.fault
				}
				return nil
			})
			status, answer := b.redrive(id)
			b.queues.SetFault(nil)
			if status != http.StatusBadGateway || !strings.HasPrefix(answer, `{"error":`) {
				t.Errorf("%d %s", status, answer)
			}
			b.checkQueue(tc.queue...)
			b.checkDead(tc.dead...)
		})
	}
}
