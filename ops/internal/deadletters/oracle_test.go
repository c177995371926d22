package deadletters_test

import (
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/ops/internal/opstest"
	"helpcrunch-mark-read/shared/mark"
)

// TestOnAnotherSQS is the same work on an implementation of SQS that was not written here, such as moto_server, when
// SQS_CONFORMANCE_ENDPOINT names its endpoint. It takes half a minute, because there time is real.
func TestOnAnotherSQS(t *testing.T) {
	endpoint := os.Getenv("SQS_CONFORMANCE_ENDPOINT")
	if endpoint == "" {
		t.Skip("SQS_CONFORMANCE_ENDPOINT names no second implementation")
	}
	for _, tc := range []struct {
		name  string
		fifo  bool
		queue []int
	}{
		{"FIFO", true, []int{3, 4, 6}},
		{"standard", false, []int{1, 2, 3, 4, 6}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			q := queuesAt(t, endpoint, tc.fifo)
			q.AddDead(t, oracleDeadLetters()...)
			for range 2 { // what was looked at is back
				box := deadletters.Open(t.Context(), q.Client, q.Dead)
				summary, unseen, err := list(t.Context(), box)
				if left := box.Close(t.Context()); err != nil || summary.Count != 8 || unseen.Behind+unseen.Elsewhere != 0 || left != 0 {
					t.Fatalf("%d dead letters, %+v, %d left, %v", summary.Count, unseen, left, err)
				}
			}
			done, err := redrive(t.Context(), q, false)
			if err != nil || done.Chosen != 5 || done.Done != 5 {
				t.Errorf("redrive: %+v, %v", done, err)
			}
			if got := receiveAll(t, q, q.Marks); !slices.Equal(got, tc.queue) {
				t.Errorf("on the queue are %v, want %v", got, tc.queue)
			}
			box := deadletters.Open(t.Context(), q.Client, q.Dead)
			purge := deadletters.Purge{
				Box: box, Filter: deadletters.Filter{Chats: []int64{5}}, File: filepath.Join(t.TempDir(), "purged"),
				Confirm: yes,
			}
			purged, err := purge.Run(t.Context())
			box.Close(t.Context())
			if err != nil || purged.Done != 2 {
				t.Errorf("purge: %+v, %v", purged, err)
			}
			if got := receiveAll(t, q, q.Dead); !slices.Equal(got, []int{5}) {
				t.Errorf("dead letters %v, want 5", got)
			}
		})
	}
}

func oracleDeadLetters() []opstest.DeadLetter {
	dead := func(n int, chat int64, outcome string) opstest.DeadLetter {
		return opstest.DeadLetter{Number: n, Mark: mark.Mark{ID: chat, Reader: mark.Agent, Read: n%2 == 0}, Outcome: outcome}
	}
	return []opstest.DeadLetter{
		dead(1, 1, "unavailable"), dead(2, 1, "unavailable"), dead(3, 1, "unavailable"), dead(4, 2, "unavailable"),
		dead(5, 3, "chat_not_found"), dead(6, 4, "unavailable"), dead(7, 5, "chat_not_found"), dead(8, 5, "chat_not_found"),
	}
}

// receiveAll takes everything out of a queue and returns the numbers, sorted.
func receiveAll(t *testing.T, q *opstest.Queues, url string) []int {
	t.Helper()
	var numbers []int
	for {
		output, err := q.Client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
			QueueUrl: aws.String(url), MaxNumberOfMessages: 10, WaitTimeSeconds: 1, MessageAttributeNames: []string{"All"},
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(output.Messages) == 0 {
			slices.Sort(numbers)
			return numbers
		}
		for _, m := range output.Messages {
			n, _ := strconv.Atoi(aws.ToString(m.MessageAttributes["number"].StringValue))
			numbers = append(numbers, n)
		}
	}
}

// queuesAt makes a pair of queues on the SQS at an endpoint.
func queuesAt(t *testing.T, endpoint string, fifo bool) *opstest.Queues {
	t.Helper()
	q := &opstest.Queues{Config: opstest.Config(endpoint, http.DefaultClient)}
	q.Client = sqs.NewFromConfig(q.Config)
	suffix, attributes := strconv.FormatInt(time.Now().UnixNano(), 36), map[string]string{}
	if fifo {
		suffix += ".fifo"
		attributes["FifoQueue"] = "true"
	}
	q.Dead = q.Create(t, "dead-"+suffix, attributes)
	got, err := q.Client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: aws.String(q.Dead), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameQueueArn},
	})
	if err != nil {
		t.Fatal(err)
	}
	attributes["RedrivePolicy"] = `{"deadLetterTargetArn":"` + got.Attributes["QueueArn"] + `","maxReceiveCount":"1000"}`
	q.Marks = q.Create(t, "marks-"+suffix, attributes)
	return q
}
