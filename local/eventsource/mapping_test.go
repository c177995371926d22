package eventsource

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"helpcrunch-mark-read/local/loopback"
	"helpcrunch-mark-read/local/sqs"
)

// bench is an embedded SQS with one queue, in a bubble of simulated time.
type bench struct {
	t      *testing.T
	server *sqs.Server
	client *awssqs.Client
	name   string
	url    string
}

func newBench(t *testing.T, name string) *bench {
	server := sqs.New(sqs.Options{})
	client := awssqs.New(awssqs.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://sqs.local"), Credentials: credentials.NewStaticCredentialsProvider("x", "x", ""),
		HTTPClient: &http.Client{Transport: loopback.Transport(server)},
	})
	attributes := map[string]string{"VisibilityTimeout": "60"}
	if name == "q.fifo" {
		attributes["FifoQueue"] = "true"
	}
	made, err := client.CreateQueue(t.Context(), &awssqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	return &bench{t, server, client, name, *made.QueueUrl}
}

func (b *bench) send(body, group string) {
	b.t.Helper()
	input := &awssqs.SendMessageInput{QueueUrl: &b.url, MessageBody: &body}
	if group != "" {
		id := body[:min(len(body), 128)] // as long as an id may be
		input.MessageGroupId, input.MessageDeduplicationId = &group, &id
	}
	if _, err := b.client.SendMessage(b.t.Context(), input); err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) left() int {
	b.t.Helper()
	messages, err := b.server.Messages(b.name)
	if err != nil {
		b.t.Fatal(err)
	}
	return len(messages)
}

func (b *bench) start(o Options, invoke func(context.Context, []byte) ([]byte, error)) *Mapping {
	o.SQS, o.QueueURL, o.QueueARN, o.Invoke = b.client, b.url, b.server.QueueARN(b.name), invoke
	o.MaximumConcurrency = cmp.Or(o.MaximumConcurrency, 2)
	return Start(o)
}

// run maps the queue to invoke for so long.
func (b *bench) run(o Options, d time.Duration, invoke func(events.SQSEvent) (string, error)) {
	b.t.Helper()
	m := b.start(o, func(_ context.Context, payload []byte) ([]byte, error) {
		var event events.SQSEvent
		if err := json.Unmarshal(payload, &event); err != nil {
			b.t.Error(err)
		}
		answer, err := invoke(event)
		return []byte(answer), err
	})
	time.Sleep(d) // simulated
	if err := m.Stop(b.t.Context()); err != nil {
		b.t.Error(err)
	}
}

func TestPartialBatchResponses(t *testing.T) {
	report := func(ids ...any) func(events.SQSEvent) (string, error) {
		return func(e events.SQSEvent) (string, error) {
			var items []map[string]any
			for _, id := range ids {
				if n, ok := id.(int); ok {
					id = e.Records[n].MessageId
				}
				items = append(items, map[string]any{"itemIdentifier": id})
			}
			text, _ := json.Marshal(map[string]any{"batchItemFailures": items})
			return string(text), nil
		}
	}
	says := func(answer string) func(events.SQSEvent) (string, error) {
		return func(events.SQSEvent) (string, error) { return answer, nil }
	}
	for _, tc := range []struct {
		name   string
		invoke func(events.SQSEvent) (string, error)
		left   int // of three messages
	}{
		{"an empty list", says(`{"batchItemFailures":[]}`), 0},
		{"a null list", says(`{"batchItemFailures":null}`), 0},
		{"an empty object", says(`{}`), 0},
		{"null", says(`null`), 0},
		{"nothing", says(``), 0},
		{"one reported", report(1), 1},
		{"one reported twice", report(1, 1), 1},
		{"all reported", report(0, 1, 2), 3},
		{"invalid JSON", says(`{"batchItemFailures":`), 3},
		{"a string", says(`"done"`), 3},
		{"an empty identifier", report(0, ""), 3},
		{"a null identifier", report(nil), 3},
		{"an unknown identifier", report(0, "somebody else's"), 3},
		{"a wrong key", says(`{"batchItemFailures":[{"messageId":"x"}]}`), 3},
		{"a function error", func(events.SQSEvent) (string, error) { return "", errors.New("crash") }, 3},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, "q")
				for i := range 3 {
					b.send(fmt.Sprint(i), "")
				}
				b.run(Options{MaximumConcurrency: 1}, 30*time.Second, tc.invoke)
				if got := b.left(); got != tc.left {
					t.Errorf("%d messages are left, want %d", got, tc.left)
				}
			})
		})
	}
}

func TestABatchComesBackAtItsVisibilityTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, "q")
		b.send("x", "")
		var at []time.Time
		b.run(Options{}, 90*time.Second, func(events.SQSEvent) (string, error) {
			at = append(at, time.Now())
			return "", errors.New("crash")
		})
		if len(at) != 2 || at[1].Sub(at[0]) < time.Minute {
			t.Errorf("invoked at %v, want a minute between", at)
		}
	})
}

func TestFIFO(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, "q.fifo")
		for i := range 30 {
			b.send(fmt.Sprintf("%d-%02d", i%3, i), fmt.Sprint(i%3))
		}
		var mu sync.Mutex
		var order []string
		busy := map[string]bool{} // groups at work
		b.run(Options{}, time.Minute, func(e events.SQSEvent) (string, error) {
			mu.Lock()
			mine := map[string]bool{}
			for _, record := range e.Records {
				group := record.Attributes["MessageGroupId"]
				if busy[group] && !mine[group] {
					t.Errorf("group %s is at work twice", group)
				}
				busy[group], mine[group] = true, true
				order = append(order, record.Body)
			}
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			defer mu.Unlock()
			for group := range mine {
				delete(busy, group)
			}
			return "", nil
		})
		slices.SortStableFunc(order, func(a, b string) int { return int(a[0]) - int(b[0]) })
		if len(order) != 30 || !slices.IsSorted(order) {
			t.Errorf("a group's messages came in the order %v", order)
		}
	})
}

func TestConcurrency(t *testing.T) {
	for _, tc := range []struct {
		name                           string
		o                              Options
		messages, mostAtWork, mostEach int
	}{
		{"two at once", Options{}, 100, 2, 10},
		{"five at once", Options{MaximumConcurrency: 5}, 100, 5, 10},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, "q")
				for i := range tc.messages {
					b.send(fmt.Sprint(i), "")
				}
				var mu sync.Mutex
				atWork, most, largest := 0, 0, 0
				b.run(tc.o, 5*time.Minute, func(e events.SQSEvent) (string, error) {
					mu.Lock()
					atWork++
					most, largest = max(most, atWork), max(largest, len(e.Records))
					mu.Unlock()
					time.Sleep(time.Second)
					mu.Lock()
					defer mu.Unlock()
					atWork--
					return "", nil
				})
				if most != tc.mostAtWork || largest != tc.mostEach || b.left() > 0 {
					t.Errorf("%d at work, %d in a batch, %d left; want %d, %d and none", most, largest, b.left(), tc.mostAtWork, tc.mostEach)
				}
			})
		})
	}
}

func TestTheEventIsLambdas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, "q.fifo")
		b.send("hello", "group")
		b.run(Options{}, time.Second, func(e events.SQSEvent) (string, error) {
			r := e.Records[0]
			if r.Body != "hello" || r.EventSource != "aws:sqs" || r.EventSourceARN != "arn:aws:sqs:us-east-1:000000000000:q.fifo" || r.AWSRegion != "us-east-1" {
				t.Errorf("record = %+v", r)
			}
			for _, name := range []string{"SentTimestamp", "ApproximateReceiveCount", "MessageGroupId", "MessageDeduplicationId", "SequenceNumber", "ApproximateFirstReceiveTimestamp", "SenderId"} {
				if r.Attributes[name] == "" {
					t.Errorf("attribute %s is missing", name)
				}
			}
			return "", nil
		})
	})
}
