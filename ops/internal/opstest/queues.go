// Package opstest makes the tests of the command a pair of queues with dead letters in them.
package opstest

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/local/loopback"
	localsqs "helpcrunch-mark-read/local/sqs"
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
	q.make(t, fifo, "marks", "dead")
	return q
}

// At makes a pair of queues on the SQS at an endpoint.
func At(t testing.TB, endpoint string, fifo bool) *Queues {
	q := &Queues{Config: Config(endpoint, http.DefaultClient)}
	unique := strconv.FormatInt(time.Now().UnixNano(), 36)
	q.make(t, fifo, "marks-"+unique, "dead-"+unique)
	return q
}

// Config is an AWS configuration for tests: dummy credentials, one try.
func Config(endpoint string, client *http.Client) aws.Config {
	return aws.Config{
		Region: "us-east-1", Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		BaseEndpoint: aws.String(endpoint), HTTPClient: client, RetryMaxAttempts: 1,
	}
}

func (q *Queues) make(t testing.TB, fifo bool, marks, dead string) {
	t.Helper()
	q.Client = sqs.NewFromConfig(q.Config)
	attributes := map[string]string{}
	if fifo {
		marks, dead = marks+".fifo", dead+".fifo"
		attributes["FifoQueue"] = "true"
	}
	q.Dead = q.create(t, dead, attributes)
	got, err := q.Client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: aws.String(q.Dead), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameQueueArn},
	})
	if err != nil {
		t.Fatal(err)
	}
	attributes["RedrivePolicy"] = `{"deadLetterTargetArn":"` + got.Attributes["QueueArn"] + `","maxReceiveCount":"1000"}`
	q.Marks = q.create(t, marks, attributes)
}

func (q *Queues) create(t testing.TB, name string, attributes map[string]string) string {
	t.Helper()
	made, err := q.Client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(name), Attributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	return aws.ToString(made.QueueUrl)
}

// FIFO says of which kind the queues are.
func (q *Queues) FIFO() bool { return strings.HasSuffix(q.Dead, ".fifo") }

// DeadLetter is a dead letter as functions/queue writes it.
type DeadLetter struct {
	Number  int // of the original, kept in its attribute "number"
	Mark    mark.Mark
	Body    string // instead of Mark
	Outcome string
	Codes   string
	Sent    time.Time // of the original; now when zero
}

// AddDead writes dead letters to the dead-letter queue, in order.
func (q *Queues) AddDead(t testing.TB, deadLetters ...DeadLetter) {
	t.Helper()
	for len(deadLetters) > 0 {
		n := min(10, len(deadLetters))
		entries := make([]types.SendMessageBatchRequestEntry, n)
		for i, l := range deadLetters[:n] {
			entries[i] = l.entry(q.Dead)
			entries[i].Id = aws.String(strconv.Itoa(i))
		}
		output, err := q.Client.SendMessageBatch(context.Background(), &sqs.SendMessageBatchInput{QueueUrl: aws.String(q.Dead), Entries: entries})
		if err != nil {
			t.Fatal(err)
		}
		for _, failed := range output.Failed {
			t.Fatalf("a dead letter can't be added: %s", aws.ToString(failed.Message))
		}
		deadLetters = deadLetters[n:]
	}
}

func (l DeadLetter) entry(queueURL string) types.SendMessageBatchRequestEntry {
	body, group := l.Mark.Message(), strconv.FormatInt(l.Mark.ID, 10)
	if l.Body != "" {
		body = l.Body
	}
	sent := l.Sent
	if sent.IsZero() {
		sent = time.Now()
	}
	source, _ := json.Marshal(map[string]any{
		"messageId": "original-" + strconv.Itoa(l.Number), "sentAt": sent.UTC(), "receiveCount": 3, "requestId": "request-" + strconv.Itoa(l.Number),
	})
	text := func(s string) types.MessageAttributeValue {
		return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(s)}
	}
	entry := types.SendMessageBatchRequestEntry{
		MessageBody: aws.String(body),
		MessageAttributes: map[string]types.MessageAttributeValue{
			"number":  {DataType: aws.String("Number"), StringValue: aws.String(strconv.Itoa(l.Number))},
			"bytes":   {DataType: aws.String("Binary"), BinaryValue: []byte{0, 255}},
			"Outcome": text(l.Outcome), "Source": text(string(source)), "ErrorMessage": text("for the operator"),
			"HttpStatus": {DataType: aws.String("Number"), StringValue: aws.String("404")},
		},
	}
	if l.Codes != "" {
		entry.MessageAttributes["ErrorCode"] = text(l.Codes)
	}
	if strings.HasSuffix(queueURL, ".fifo") {
		entry.MessageGroupId = aws.String(group)
		entry.MessageDeduplicationId = aws.String("original-" + strconv.Itoa(l.Number))
	}
	return entry
}

// Name is the last part of a queue's URL.
func Name(url string) string { return url[strings.LastIndexByte(url, '/')+1:] }

// Messages is what lies in a queue of the embedded SQS, in order.
func (q *Queues) Messages(t testing.TB, url string) []localsqs.Message {
	t.Helper()
	messages, err := q.Server.Messages(Name(url))
	if err != nil {
		t.Fatal(err)
	}
	return messages
}

// Number is the original's number, from its attribute.
func Number(m localsqs.Message) int {
	attribute := m.Attributes["number"]
	n, _ := strconv.Atoi(attribute.StringValue)
	return n
}
