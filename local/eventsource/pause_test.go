package eventsource

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"helpcrunch-mark-read/local/sqs"
)

// backlog is a mapping at work on a queue, with what its function was invoked with.
type backlog struct {
	*bench
	m        *Mapping
	mu       sync.Mutex
	bodies   []string // in the order of arrival
	receives int      // started
}

// startBacklog sends the messages, each body its number, in ten groups, and starts a mapping whose invocations take a second.
func startBacklog(t *testing.T, messages int, o Options) *backlog {
	b := &backlog{bench: newBench(t, "q.fifo")}
	for i := range messages {
		b.send(strconv.Itoa(i), strconv.Itoa(i%10))
	}
	b.server.SetFault(func(c sqs.Call) error {
		if c.Action == "ReceiveMessage" {
			b.mu.Lock()
			defer b.mu.Unlock()
			b.receives++
		}
		return nil
	})
	b.m = b.start(o, func(_ context.Context, payload []byte) ([]byte, error) {
		var event events.SQSEvent
		if err := json.Unmarshal(payload, &event); err != nil {
			t.Error(err)
		}
		time.Sleep(time.Second) // simulated
		b.mu.Lock()
		defer b.mu.Unlock()
		for _, r := range event.Records {
			b.bodies = append(b.bodies, r.Body)
		}
		return nil, nil
	})
	return b
}

func (b *backlog) seen() (handled, receives int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.bodies), b.receives
}

func (b *backlog) stop() {
	b.t.Helper()
	if err := b.m.Stop(b.t.Context()); err != nil {
		b.t.Error(err)
	}
}

func TestPauseInTheMiddleOfABacklog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startBacklog(t, 1000, Options{})
		time.Sleep(10*time.Second + 500*time.Millisecond)
		b.m.Pause()
		before, receives := b.seen()
		time.Sleep(time.Second)
		inFlight, _ := b.seen()
		messages, _ := b.server.Messages("q.fifo")
		if still := slices.ContainsFunc(messages, func(m sqs.Message) bool { return m.InFlight }); inFlight-before != 20 || still {
			t.Errorf("%d messages were in flight at the pause, want 20 that end; some are in flight still: %t", inFlight-before, still)
		}
		time.Sleep(30 * time.Minute)
		if now, n := b.seen(); now != inFlight || n != receives || !b.m.Paused() {
			t.Errorf("while paused: %d messages handled, %d receives started, paused %v", now-inFlight, n-receives, b.m.Paused())
		}
		b.m.Resume()
		b.m.Resume() // a second one changes nothing
		time.Sleep(time.Minute)
		b.stop()
		if b.left() != 0 || len(b.bodies) != 1000 {
			t.Errorf("%d handled, %d left", len(b.bodies), b.left())
		}
		last := map[int]int{}
		for _, body := range b.bodies {
			n, _ := strconv.Atoi(body)
			if before, ok := last[n%10]; ok && n != before+10 {
				t.Errorf("in group %d, %d came after %d", n%10, n, before)
			}
			last[n%10] = n
		}
	})
}

// A receive that waits when the pause comes brings what arrives within its wait, and then none starts until the resume.
func TestPauseOfAnIdleMapping(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := startBacklog(t, 0, Options{MaximumConcurrency: 1})
		time.Sleep(time.Second)
		b.m.Pause()
		b.m.Pause() // a second one changes nothing
		b.send("within-the-wait", "a")
		time.Sleep(5 * time.Second)
		b.send("later", "a")
		time.Sleep(time.Hour)
		if handled, receives := b.seen(); handled != 1 || receives != 1 || b.left() != 1 {
			t.Errorf("%d handled in %d receives, %d left", handled, receives, b.left())
		}
		b.m.Resume()
		time.Sleep(5 * time.Second)
		if handled, _ := b.seen(); handled != 2 || b.m.Paused() {
			t.Errorf("%d handled after the resume, paused %v", handled, b.m.Paused())
		}
		b.m.Pause()
		b.stop() // a paused mapping can be stopped
	})
}
