package queue

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambdacontext"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/shared/attempt"
	"helpcrunch-mark-read/shared/helpcrunch"
	"helpcrunch-mark-read/shared/mark"
	"helpcrunch-mark-read/shared/pace"
)

const (
	fifoARN     = "arn:aws:sqs:eu-central-1:123456789012:marks.fifo"
	standardARN = "arn:aws:sqs:eu-central-1:123456789012:marks"
)

// harness is a Handler with everything around it faked and recorded. Its methods work inside of a synctest bubble.
type harness struct {
	*Handler
	t *testing.T

	mu      sync.Mutex
	answer  func(call int, m mark.Mark) (*helpcrunch.Answer, error) // nil: applied; calls count from 1
	takes   time.Duration                                           // how long HelpCrunch takes
	calls   []mark.Mark
	callsAt []time.Time

	sendErr     error
	refuse      map[string]bool // bodies of dead letters that the dead-letter queue refuses
	deadLetters []types.SendMessageBatchRequestEntry
	batches     int
	visibility  map[string]int32 // by receipt handle
	logs        bytes.Buffer
	metrics     bytes.Buffer
}

func newHarness(t *testing.T) *harness {
	h := &harness{t: t, visibility: map[string]int32{}, refuse: map[string]bool{}}
	h.Handler = &Handler{
		Attempts: &attempt.Maker{Keys: staticKey{}, HelpCrunch: h, MaxCall: 8 * time.Second, WaitOut: true},
		Pacer:    pace.NewPacer(6000, 1),
		SQS:      h, QueueURL: "https://sqs/marks.fifo", DeadLetterURL: "https://sqs/dead.fifo",
		RetryWindow: 24 * time.Hour,
		Log:         slog.New(slog.NewJSONHandler(&h.logs, nil)), Metrics: &h.metrics, Function: "queue",
	}
	t.Cleanup(h.checkPrivacy)
	return h
}

// checkPrivacy looks in everything that was logged for what no line may hold: the key, and what HelpCrunch sends of people.
func (h *harness) checkPrivacy() {
	for _, private := range []string{theKey, "Carl Customer", "@example", "A word in confidence"} {
		if logged := h.logs.String() + h.metrics.String(); strings.Contains(logged, private) {
			h.t.Errorf("%q was logged in %.2000s", private, logged)
		}
	}
}

// theKey is no word of ours, so that it can be looked for; theChat is what HelpCrunch answers with.
const (
	theKey  = "s3cr3t/K"
	theChat = `{"id":5208,"lastMessageText":"A word in confidence","customer":{"name":"Carl Customer","email":"carl@example.com"}}`
)

type staticKey struct{}

func (staticKey) Key(context.Context) (string, error)                   { return theKey, nil }
func (staticKey) Rejected(context.Context, string) (string, bool)       { return "", false }
func (staticKey) Confirm(_ context.Context, key string) (string, error) { return key, nil }
func (staticKey) Forbidden(string, int64) bool                          { return false }
func (staticKey) Works(string)                                          {}

func (h *harness) Mark(ctx context.Context, _ string, m mark.Mark) (*helpcrunch.Answer, error) {
	h.mu.Lock()
	h.calls, h.callsAt = append(h.calls, m), append(h.callsAt, time.Now())
	call, takes, answer := len(h.calls), h.takes, h.answer
	h.mu.Unlock()
	select {
	case <-time.After(takes):
	case <-ctx.Done():
		return nil, &helpcrunch.NoAnswerError{Timeout: true, Reason: "no answer in time"}
	}
	if answer == nil {
		return &helpcrunch.Answer{Status: 200, Complete: true, Body: []byte(theChat)}, nil
	}
	return answer(call, m)
}

func (h *harness) SendMessageBatch(_ context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	h.batches++
	if h.sendErr != nil {
		return nil, h.sendErr
	}
	out := &sqs.SendMessageBatchOutput{}
	for _, entry := range in.Entries {
		if h.refuse[*entry.MessageBody] {
			out.Failed = append(out.Failed, types.BatchResultErrorEntry{Id: entry.Id, Code: aws.String("InternalError")})
			continue
		}
		h.deadLetters = append(h.deadLetters, entry)
		out.Successful = append(out.Successful, types.SendMessageBatchResultEntry{Id: entry.Id})
	}
	return out, nil
}

func (h *harness) ChangeMessageVisibilityBatch(_ context.Context, in *sqs.ChangeMessageVisibilityBatchInput, _ ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	if len(in.Entries) == 0 || len(in.Entries) > 10 {
		h.t.Errorf("a batch of %d visibility changes", len(in.Entries))
	}
	for _, entry := range in.Entries {
		h.visibility[*entry.ReceiptHandle] = entry.VisibilityTimeout
	}
	return &sqs.ChangeMessageVisibilityBatchOutput{}, nil
}

// handle runs one batch with a minute until the deadline and returns the ids that must come back.
func (h *harness) handle(records ...events.SQSMessage) []string {
	h.t.Helper()
	return h.handleWithin(time.Minute, records...)
}

func (h *harness) handleWithin(limit time.Duration, records ...events.SQSMessage) []string {
	h.t.Helper()
	ctx, cancel := context.WithTimeout(h.t.Context(), limit)
	defer cancel()
	ctx = lambdacontext.NewContext(ctx, &lambdacontext.LambdaContext{AwsRequestID: "request-1"})
	response, err := h.Handle(ctx, events.SQSEvent{Records: records})
	if err != nil {
		h.t.Fatalf("Handle: %v", err)
	}
	if ctx.Err() != nil {
		h.t.Errorf("Handle ran past the deadline")
	}
	ids := []string{}
	for _, failure := range response.BatchItemFailures {
		ids = append(ids, failure.ItemIdentifier)
	}
	return ids
}

type change func(*events.SQSMessage)

// record is a message as Lambda hands it over, sent just now for chat 1 unless changed.
func record(id, body string, changes ...change) events.SQSMessage {
	r := events.SQSMessage{
		MessageId: id, ReceiptHandle: "handle-" + id, Body: body, EventSource: "aws:sqs", EventSourceARN: fifoARN,
		Attributes: map[string]string{
			"ApproximateReceiveCount": "1", "SentTimestamp": strconv.FormatInt(time.Now().UnixMilli(), 10), "MessageGroupId": "1",
		},
	}
	for _, c := range changes {
		c(&r)
	}
	return r
}

func sentAgo(d time.Duration) change {
	return func(r *events.SQSMessage) {
		r.Attributes["SentTimestamp"] = strconv.FormatInt(time.Now().Add(-d).UnixMilli(), 10)
	}
}

func received(times int) change {
	return func(r *events.SQSMessage) { r.Attributes["ApproximateReceiveCount"] = strconv.Itoa(times) }
}

func fromStandard(r *events.SQSMessage) { r.EventSourceARN = standardARN }

func agent(id int, read bool) string {
	return fmt.Sprintf(`{"id": %d, "reader": "agent", "read": %t}`, id, read)
}

// says makes an answer of HelpCrunch's with one error code.
func says(status int, code string) (*helpcrunch.Answer, error) {
	return &helpcrunch.Answer{Status: status, Complete: true, Errors: []helpcrunch.Error{{Code: code, Message: "about Carl Customer"}}}, nil
}
