// Package opstest makes the tests of the command a pair of queues with dead letters in them.
package opstest

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"path"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go/middleware"

	"helpcrunch-mark-read/local/loopback"
	localsqs "helpcrunch-mark-read/local/sqs"
	"helpcrunch-mark-read/ops/internal/sqsbatch"
	"helpcrunch-mark-read/shared/deadletter"
	"helpcrunch-mark-read/shared/mark"
)

// Queues are the queue of marks and its dead-letter queue, on an SQS of their own.
type Queues struct {
	Server      *localsqs.Server // nil when SQS is another implementation
	Config      aws.Config
	Client      *sqs.Client
	Marks, Dead string // URLs
}

// New makes a pair of queues on the embedded SQS; inside a synctest bubble its time is simulated. The client tries every
// call once, so that a test can count calls.
func New(t testing.TB, fifo bool) *Queues {
	server := localsqs.New(localsqs.Options{})
	q := &Queues{Server: server, Config: Config("http://sqs.local", &http.Client{Transport: loopback.Transport(server)})}
	q.Client = sqs.NewFromConfig(q.Config)
	suffix, attributes := "", map[string]string{}
	if fifo {
		suffix, attributes["FifoQueue"] = ".fifo", "true"
	}
	q.Dead = q.Create(t, "dead"+suffix, attributes)
	attributes["RedrivePolicy"] = `{"deadLetterTargetArn":"` + server.QueueARN("dead"+suffix) + `","maxReceiveCount":"1000"}`
	q.Marks = q.Create(t, "marks"+suffix, attributes)
	return q
}

// Config is an AWS configuration for tests: dummy credentials, one try.
func Config(endpoint string, client *http.Client) aws.Config {
	return aws.Config{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		BaseEndpoint: aws.String(endpoint), HTTPClient: client, RetryMaxAttempts: 1,
	}
}

// Create makes a queue and returns its URL.
func (q *Queues) Create(t testing.TB, name string, attributes map[string]string) string {
	t.Helper()
	made, err := q.Client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(name), Attributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	return aws.ToString(made.QueueUrl)
}

// DeadLetter is a dead letter as functions/queue writes it.
type DeadLetter struct {
	Number    int    // of the original, kept in its attribute "number"
	MessageID string // of the original, instead of one with its number
	Mark      mark.Mark
	Body      string // instead of Mark
	Group     string // instead of Mark's chat
	Outcome   string
	Codes     string
	Sent      time.Time // of the original; now when zero
	TraceID   string
	More      int // original attributes beside the two that each has
}

// AddDead writes dead letters to the dead-letter queue, in order.
func (q *Queues) AddDead(t testing.TB, deadLetters ...DeadLetter) {
	t.Helper()
	for chunk := range slices.Chunk(deadLetters, sqsbatch.Most) {
		var entries []types.SendMessageBatchRequestEntry
		for _, l := range chunk {
			entries = append(entries, l.entry(q.Dead))
		}
		if _, results := sqsbatch.Send(context.Background(), q.Client, q.Dead, entries); errors.Join(results...) != nil {
			t.Fatalf("a dead letter can't be added: %v", results)
		}
	}
}

func (l DeadLetter) entry(queueURL string) types.SendMessageBatchRequestEntry {
	body, group := cmp.Or(l.Body, l.Mark.Message()), cmp.Or(l.Group, strconv.FormatInt(l.Mark.ID, 10))
	sent := l.Sent
	if sent.IsZero() {
		sent = time.Now()
	}
	id := cmp.Or(l.MessageID, "original-"+strconv.Itoa(l.Number))
	reason := deadletter.Reason{
		Outcome: l.Outcome, Message: "for the operator", Status: 404, Codes: strings.Split(l.Codes, ","),
		Source: deadletter.Source{
			MessageID: id, SentAt: sent, ReceiveCount: 3, RequestID: "request-" + strconv.Itoa(l.Number), TraceID: l.TraceID,
		},
	}
	originals := map[string]types.MessageAttributeValue{
		"number": {DataType: aws.String("Number"), StringValue: aws.String(strconv.Itoa(l.Number))},
		"bytes":  {DataType: aws.String("Binary"), BinaryValue: []byte{0, 255}},
	}
	for n := range l.More {
		originals["more"+strconv.Itoa(n)] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String("x")}
	}
	attributes, _ := reason.Attributes(originals, len(body))
	entry := types.SendMessageBatchRequestEntry{MessageBody: aws.String(body), MessageAttributes: attributes}
	if strings.HasSuffix(queueURL, ".fifo") {
		entry.MessageGroupId = aws.String(group)
		entry.MessageDeduplicationId = aws.String(id)
	}
	return entry
}

// Messages is what lies in a queue of the embedded SQS, in order.
func (q *Queues) Messages(t testing.TB, url string) []localsqs.Message {
	t.Helper()
	messages, err := q.Server.Messages(path.Base(url))
	if err != nil {
		t.Fatal(err)
	}
	return messages
}

// Number is the original's number, from its attribute.
func Number(m localsqs.Message) int {
	n, _ := strconv.Atoi(m.Attributes["number"].StringValue)
	return n
}

// FailAgain does as functions/queue does with marks whose cause is not fixed, until ctx ends: each is dead-lettered at once.
func (q *Queues) FailAgain(ctx context.Context, t testing.TB) {
	for {
		output, err := q.Client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: aws.String(q.Marks), WaitTimeSeconds: 20})
		if err != nil {
			return
		}
		for _, m := range output.Messages {
			failed, _ := mark.ReadMessage([]byte(aws.ToString(m.Body)))
			q.AddDead(t, DeadLetter{MessageID: aws.ToString(m.MessageId), Mark: failed, Outcome: "chat_not_found"})
			_, _ = q.Client.DeleteMessage(ctx, &sqs.DeleteMessageInput{QueueUrl: aws.String(q.Marks), ReceiptHandle: m.ReceiptHandle})
		}
	}
}

// Intercept has every call of the configuration's clients go through answer, which may answer it in AWS's place.
func Intercept(config aws.Config, answer func(in any, call func() (any, error)) (any, error)) aws.Config {
	config.APIOptions = append(slices.Clone(config.APIOptions), func(stack *middleware.Stack) error {
		return stack.Initialize.Add(middleware.InitializeMiddlewareFunc("Intercept",
			func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (out middleware.InitializeOutput, metadata middleware.Metadata, err error) {
				out.Result, err = answer(in.Parameters, func() (any, error) {
					var real middleware.InitializeOutput
					real, metadata, err = next.HandleInitialize(ctx, in)
					return real.Result, err
				})
				return out, metadata, err
			}), middleware.Before)
	})
	return config
}
