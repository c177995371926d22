package eventsource

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"helpcrunch-mark-read/local/sqs"
)

func TestDeletingIsTriedAgain(t *testing.T) {
	tests := []struct {
		name   string
		fault  sqs.Fault // for the first two calls that delete
		left   int       // of 25 messages
		always bool      // the fault never ends
	}{
		{name: "no fault"},
		{name: "the calls fail", fault: func(sqs.Call) error { return sqs.Internal() }},
		{name: "the answers are lost", fault: func(sqs.Call) error { return sqs.ErrLoseAnswer }},
		{name: "one entry fails", fault: oneEntry},
		{name: "the calls fail for ever", fault: func(sqs.Call) error { return sqs.Internal() }, left: 25, always: true},
		{name: "one entry of each batch fails for ever", fault: oneEntry, left: 3, always: true},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, "q")
				for i := range 25 {
					b.send(fmt.Sprint(i), "")
				}
				var calls atomic.Int64
				b.server.SetFault(func(c sqs.Call) error {
					if test.fault == nil || c.Action != "DeleteMessageBatch" || !test.always && calls.Add(1) > 2 {
						return nil
					}
					return test.fault(c)
				})
				b.run(Options{}, 30*time.Second, func(events.SQSEvent) (string, error) { return "", nil })
				if got := b.left(); got != test.left {
					t.Errorf("%d messages are left", got)
				}
			})
		})
	}
}

// oneEntry lets the first entry of a batch fail, as a fault of SQS's own.
func oneEntry(c sqs.Call) error {
	if c.Entry == "0" {
		return sqs.Internal()
	}
	return nil
}

func TestReceivingGoesOnAfterAnOutage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, "q")
		b.send("x", "")
		start := time.Now()
		var tries atomic.Int64
		b.server.SetFault(func(c sqs.Call) error {
			if c.Action == "ReceiveMessage" && time.Since(start) < 10*time.Minute {
				tries.Add(1)
				return sqs.Internal()
			}
			return nil
		})
		var at time.Duration
		b.run(Options{MaximumConcurrency: 1}, 15*time.Minute, func(events.SQSEvent) (string, error) {
			at = time.Since(start)
			return "", nil
		})
		if b.left() > 0 || at < 10*time.Minute || at > 10*time.Minute+30*time.Second {
			t.Errorf("handled after %v, %d left", at, b.left())
		}
		if n := tries.Load(); n > 3*100 { // the SDK makes three tries of each
			t.Errorf("%d calls in ten minutes", n)
		}
	})
}

// A lost answer of a FIFO queue costs a retry of the SDK's, not a visibility timeout; SQS keeps no attempts of standard queues.
func TestALostReceiveIsRepeated(t *testing.T) {
	for queue, want := range map[string]time.Duration{"q.fifo": 5 * time.Second, "q": time.Minute} {
		t.Run(queue, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, queue)
				group := ""
				if queue == "q.fifo" {
					group = "one"
				}
				b.send("x", group)
				var lost atomic.Bool
				b.server.SetFault(func(c sqs.Call) error {
					if c.Action == "ReceiveMessage" && lost.CompareAndSwap(false, true) {
						return sqs.ErrLoseAnswer
					}
					return nil
				})
				start, at := time.Now(), time.Duration(0)
				b.run(Options{MaximumConcurrency: 1}, 2*time.Minute, func(events.SQSEvent) (string, error) {
					at = time.Since(start)
					return "", nil
				})
				if at == 0 || at > want+5*time.Second || at < want-5*time.Second || b.left() != 0 {
					t.Errorf("handled after %v, want %v; %d left", at, want, b.left())
				}
			})
		})
	}
}

func TestStopLetsTheRunningInvocationEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, "q")
		b.send("running", "")
		running, finish := make(chan struct{}), make(chan struct{})
		m := b.start(Options{MaximumConcurrency: 1}, func(context.Context, []byte) ([]byte, error) {
			close(running)
			<-finish
			return nil, nil
		})
		<-running
		b.send("too late", "")
		stopped := make(chan error, 1)
		go func() { stopped <- m.Stop(t.Context()) }()
		synctest.Wait()
		select {
		case <-stopped:
			t.Fatal("did not wait for the invocation")
		default:
		}
		close(finish)
		if err := <-stopped; err != nil {
			t.Error(err)
		}
		if messages, _ := b.server.Messages("q"); len(messages) != 1 || messages[0].Body != "too late" || messages[0].ReceiveCount != 0 {
			t.Errorf("left: %+v", messages)
		}
		if err := m.Stop(t.Context()); err != nil {
			t.Errorf("stopped again: %v", err)
		}
	})
}

func TestStopAbandonsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, "q")
		b.send("x", "")
		running := make(chan struct{})
		m := b.start(Options{MaximumConcurrency: 1}, func(ctx context.Context, _ []byte) ([]byte, error) {
			close(running)
			<-ctx.Done()
			return nil, ctx.Err()
		})
		<-running
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := m.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
		if b.left() != 1 {
			t.Error("deleted a message whose invocation was abandoned")
		}
	})
}

func TestObserve(t *testing.T) {
	crash := errors.New("crash")
	tests := []struct {
		name     string
		response func(events.SQSEvent) (string, error)
		returned int // of three
		err      string
	}{
		{"all done", func(events.SQSEvent) (string, error) { return "", nil }, 0, ""},
		{"one reported", func(e events.SQSEvent) (string, error) {
			return fmt.Sprintf(`{"batchItemFailures":[{"itemIdentifier":%q}]}`, e.Records[2].MessageId), nil
		}, 1, ""},
		{"crashed", func(events.SQSEvent) (string, error) { return "", crash }, 3, "crash"},
		{"misreported", func(events.SQSEvent) (string, error) { return `{"batchItemFailures":[{}]}`, nil }, 3, "no itemIdentifier"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, "q")
				for i := range 3 {
					b.send(fmt.Sprint(i), "")
				}
				var batches []Batch
				start := time.Now()
				b.run(Options{MaximumConcurrency: 1, Observe: func(b Batch) { batches = append(batches, b) }}, 30*time.Second,
					func(e events.SQSEvent) (string, error) {
						time.Sleep(2 * time.Second) // simulated
						return test.response(e)
					})
				if len(batches) != 1 {
					t.Fatalf("%d batches", len(batches))
				}
				got := batches[0]
				if event := (events.SQSEvent{}); json.Unmarshal(got.Event, &event) != nil || len(event.Records) != 3 {
					t.Errorf("event %s", got.Event)
				}
				if len(got.MessageIDs) != 3 || len(got.Returned) != test.returned || got.Took != 2*time.Second || !got.Started.Equal(start) {
					t.Errorf("got %+v", got)
				}
				if (got.Err == nil) != (test.err == "") || got.Err != nil && !strings.Contains(got.Err.Error(), test.err) {
					t.Errorf("error %v", got.Err)
				}
			})
		})
	}
}

// Ten messages of 1 MiB are more than an event can hold. What follows a failure of the same receive must not overtake it on
// a FIFO queue.
func TestEventsStayUnderSixMebibytes(t *testing.T) {
	for _, test := range []struct {
		queue, answer string
		want          []string // the bodies' first letters, an event each
	}{
		{"q", "crash", []string{"abcd", "efgh"}},
		{"q.fifo", "", []string{"abcd", "efgh"}},
		{"q.fifo", "crash", []string{"abcd"}},
	} {
		t.Run(test.queue+" "+test.answer, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := newBench(t, test.queue)
				for letter := range 8 {
					group := ""
					if test.queue == "q.fifo" {
						group = "one"
					}
					b.send(strings.Repeat(string(rune('a'+letter)), 1<<20-100), group)
				}
				var got []string
				b.run(Options{MaximumConcurrency: 1}, 29*time.Second, func(e events.SQSEvent) (string, error) {
					letters := ""
					for _, record := range e.Records {
						letters += record.Body[:1]
					}
					got = append(got, letters)
					if test.answer == "crash" {
						return "", errors.New("crash")
					}
					return test.answer, nil
				})
				if !slices.Equal(got, test.want) {
					t.Errorf("events %q, want %q", got, test.want)
				}
			})
		})
	}
}
