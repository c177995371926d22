package deadletters_test

import (
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/ops/internal/opstest"
	"helpcrunch-mark-read/shared/deadletter"
)

// endless is an SQS that makes up its dead letters as they are asked for, and counts those that are out.
type endless struct {
	deadLetters int
	bytes       int // of each

	mu   sync.Mutex
	made int
	out  map[string]bool
	most uint64 // of the heap that was live at any look
}

// client is a client of it.
func (e *endless) client() *sqs.Client {
	return sqs.NewFromConfig(opstest.Intercept(opstest.Config("https://sqs.example", http.DefaultClient), func(in any, _ func() (any, error)) (any, error) {
		e.mu.Lock()
		defer e.mu.Unlock()
		switch in := in.(type) {
		case *sqs.ReceiveMessageInput:
			return e.receive(), nil
		case *sqs.ChangeMessageVisibilityBatchInput:
			return e.change(in), nil
		}
		return &sqs.GetQueueAttributesOutput{Attributes: map[string]string{
			"ApproximateNumberOfMessages": strconv.Itoa(e.deadLetters - e.made), "ApproximateNumberOfMessagesNotVisible": strconv.Itoa(len(e.out)),
		}}, nil
	}))
}

func (e *endless) receive() *sqs.ReceiveMessageOutput {
	var output sqs.ReceiveMessageOutput
	for range min(10, e.deadLetters-e.made) {
		id := strconv.Itoa(e.made)
		output.Messages = append(output.Messages, types.Message{
			MessageId: aws.String(id), ReceiptHandle: aws.String("receipt of " + id + strings.Repeat("x", 300)), // about AWS's length
			Body:              aws.String(strings.Repeat("x", e.bytes)),
			Attributes:        map[string]string{"MessageGroupId": id, "SentTimestamp": "1767225600000"},
			MessageAttributes: map[string]types.MessageAttributeValue{"Outcome": {DataType: aws.String("String"), StringValue: aws.String("unavailable")}},
		})
		e.made++
		e.out[id] = true
	}
	if e.made%2000 == 0 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		e.most = max(e.most, m.HeapAlloc)
	}
	return &output
}

func (e *endless) change(in *sqs.ChangeMessageVisibilityBatchInput) *sqs.ChangeMessageVisibilityBatchOutput {
	var output sqs.ChangeMessageVisibilityBatchOutput
	for _, entry := range in.Entries {
		id := strings.TrimRight(strings.TrimPrefix(aws.ToString(entry.ReceiptHandle), "receipt of "), "x")
		if entry.VisibilityTimeout == 0 {
			delete(e.out, id)
		}
		output.Successful = append(output.Successful, types.ChangeMessageVisibilityBatchResultEntry{Id: entry.Id})
	}
	return &output
}

func TestTenThousandDeadLettersAreListedInBoundedMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runtime.GC()
		var before runtime.MemStats
		runtime.ReadMemStats(&before)
		api := &endless{deadLetters: 10_000, bytes: 16 << 10, out: map[string]bool{}}
		box := deadletters.Open(t.Context(), api.client(), "https://sqs.example/dead.fifo")
		summary, unseen, err := list(t.Context(), box)
		if err != nil || summary.Count != 10_000 || unseen.Behind+unseen.Elsewhere != 0 || len(api.out) != 10_000 {
			t.Fatalf("%d dead letters, %+v, %v", summary.Count, unseen, err)
		}
		const most = 24 << 20 // of 160 MB that went through
		if grown := int64(api.most) - int64(before.HeapAlloc); grown > most {
			t.Errorf("the heap grew by %d MB", grown>>20)
		}
		if left := box.Close(t.Context()); left != 0 || len(api.out) != 0 {
			t.Errorf("%d dead letters are still out", len(api.out))
		}
	})
}

func TestMoreDeadLettersThanCanBeOutAreNoEndlessLoop(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		api := &endless{deadLetters: 1 << 30, out: map[string]bool{}}
		box := deadletters.Open(t.Context(), api.client(), "https://sqs.example/dead")
		summary, unseen, err := list(t.Context(), box)
		box.Close(t.Context())
		if err != nil || summary.Count != 100_000 || unseen.Behind == 0 {
			t.Errorf("%d dead letters, %+v, %v", summary.Count, unseen, err)
		}
	})
}

// Codes are foreign text. However many there are, the summary counts each dead letter once, in so many rows.
func TestASummaryIsBounded(t *testing.T) {
	var s deadletters.Summary
	for n := range 1000 {
		s.Add(&deadletters.DeadLetter{Reason: deadletter.Reason{Outcome: "unexpected", Codes: []string{strconv.Itoa(n)}}})
	}
	sum := 0
	for _, row := range s.Rows() {
		sum += row.Count
	}
	if len(s.Rows()) != 501 || sum != 1000 {
		t.Errorf("%d rows with %d dead letters", len(s.Rows()), sum)
	}
}
