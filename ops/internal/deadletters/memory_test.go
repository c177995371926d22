package deadletters_test

import (
	"context"
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
)

// endless is an SQS that makes up its dead letters as they are asked for, each of 16 KiB, and counts those that are out.
type endless struct {
	deadletters.SQS
	deadLetters int

	mu   sync.Mutex
	made int
	out  map[string]bool
	most uint64 // of the heap that was live at any look
}

const bigDeadLetter = 16 << 10

func (e *endless) ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var output sqs.ReceiveMessageOutput
	for range min(10, e.deadLetters-e.made) {
		id := strconv.Itoa(e.made)
		output.Messages = append(output.Messages, types.Message{
			MessageId: aws.String(id), ReceiptHandle: aws.String("receipt of " + id + strings.Repeat("x", 300)), // about AWS's length
			Body:              aws.String(strings.Repeat("x", bigDeadLetter)),
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
	return &output, nil
}

func (e *endless) ChangeMessageVisibilityBatch(_ context.Context, in *sqs.ChangeMessageVisibilityBatchInput, _ ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	var output sqs.ChangeMessageVisibilityBatchOutput
	for _, entry := range in.Entries {
		id := strings.TrimRight(strings.TrimPrefix(aws.ToString(entry.ReceiptHandle), "receipt of "), "x")
		if entry.VisibilityTimeout == 0 {
			delete(e.out, id)
		}
		output.Successful = append(output.Successful, types.ChangeMessageVisibilityBatchResultEntry{Id: entry.Id})
	}
	return &output, nil
}

func (e *endless) GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	return &sqs.GetQueueAttributesOutput{Attributes: map[string]string{
		"ApproximateNumberOfMessages": strconv.Itoa(e.deadLetters - e.made), "ApproximateNumberOfMessagesNotVisible": strconv.Itoa(len(e.out)),
	}}, nil
}

func TestTenThousandDeadLettersAreListedInBoundedMemory(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		runtime.GC()
		var before runtime.MemStats
		runtime.ReadMemStats(&before)
		api := &endless{deadLetters: 10_000, out: map[string]bool{}}
		box := deadletters.Open(t.Context(), api, "https://sqs.example/dead.fifo")
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
		box := deadletters.Open(t.Context(), &slim{api}, "https://sqs.example/dead")
		summary, unseen, err := list(t.Context(), box)
		box.Close(t.Context())
		if err != nil || summary.Count != 100_000 || unseen.Behind == 0 {
			t.Errorf("%d dead letters, %+v, %v", summary.Count, unseen, err)
		}
	})
}

// slim makes endless dead letters small.
type slim struct{ *endless }

func (s *slim) ReceiveMessage(ctx context.Context, in *sqs.ReceiveMessageInput, o ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var output sqs.ReceiveMessageOutput
	for range 10 {
		id := strconv.Itoa(s.made)
		s.made++
		s.out[id] = true
		output.Messages = append(output.Messages, types.Message{MessageId: aws.String(id), ReceiptHandle: aws.String("receipt of " + id), Body: aws.String("x")})
	}
	return &output, nil
}
