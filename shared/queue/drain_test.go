package queue

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"helpcrunch-mark-read/shared/attempt"
	"helpcrunch-mark-read/shared/helpcrunch"
	"helpcrunch-mark-read/shared/mark"
	"helpcrunch-mark-read/shared/pace"
)

// account is HelpCrunch with a limit for the whole account, of which somebody else uses a part.
type account struct {
	limit, others int // requests a minute
	mu            sync.Mutex
	taken         []time.Time
	throttled     int
}

func (a *account) Mark(context.Context, string, mark.Mark) (*helpcrunch.Answer, error) {
	time.Sleep(200 * time.Millisecond)
	if !a.take() {
		a.mu.Lock()
		defer a.mu.Unlock()
		a.throttled++
		return &helpcrunch.Answer{Status: 429}, nil
	}
	return &helpcrunch.Answer{Status: 200, Complete: true}, nil
}

func (a *account) take() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	for len(a.taken) > 0 && time.Since(a.taken[0]) >= time.Minute {
		a.taken = a.taken[1:]
	}
	if len(a.taken) >= a.limit {
		return false
	}
	a.taken = append(a.taken, time.Now())
	return true
}

// useByOthers makes somebody else call evenly until stop.
func (a *account) useByOthers(stop *atomic.Bool) {
	for a.others > 0 && !stop.Load() {
		a.take()
		time.Sleep(time.Minute / time.Duration(a.others))
	}
}

// drain works through marks for so many chats with two environments, and says how long that took.
func drain(t *testing.T, marks int, a *account) (took time.Duration, w *world) {
	synctest.Test(t, func(t *testing.T) {
		w = &world{share: modelShare, random: rand.New(rand.NewPCG(1, 1)), fifo: true, calmAt: time.Now(), state: map[target]bool{}}
		for i := range marks {
			wanted := mark.Mark{ID: int64(i + 1), Reader: mark.Agent, Read: true}
			w.send(wanted.Message(), wanted)
		}
		var produced, stop atomic.Bool
		produced.Store(true)
		var all, others sync.WaitGroup
		others.Go(func() { a.useByOthers(&stop) })
		started := time.Now()
		for slot := range 2 {
			handler := w.environment(slot)
			handler.Pacer = pace.NewPacer(100, 2)
			handler.Attempts = &attempt.Maker{Keys: staticKey{}, HelpCrunch: a, MaxCall: 8 * time.Second}
			all.Go(func() { w.pollWith(handler, slot, &produced) })
		}
		all.Wait()
		took = time.Since(started)
		stop.Store(true)
		others.Wait()
	})
	return took, w
}

func TestTheShareIsUsed(t *testing.T) {
	a := &account{limit: 120}
	took, w := drain(t, 1000, a)
	best := 10 * time.Minute // at 100 a minute
	t.Logf("1,000 marks in %v, %.3f of the best possible", took, took.Seconds()/best.Seconds())
	if took > best*105/100 || a.throttled > 0 || len(w.deadLetters) > 0 {
		t.Errorf("took %v with %d throttled calls and %d dead letters; want at most 1.05 of %v and none", took, a.throttled, len(w.deadLetters), best)
	}
}

func TestHalfOfTheLimitIsUsedBySomebodyElse(t *testing.T) {
	a := &account{limit: 120, others: 60}
	took, w := drain(t, 1000, a)
	t.Logf("1,000 marks in %v with %d throttled calls", took, a.throttled)
	if len(w.deadLetters) > 0 {
		t.Errorf("%d good messages were dead-lettered", len(w.deadLetters))
	}
	if a.throttled == 0 {
		t.Error("nobody was throttled: the test shows nothing")
	}
}

func TestMergingOnAStandardQueue(t *testing.T) {
	in(t, "every chat marked three times close together", func(t *testing.T, h *harness) {
		random := rand.New(rand.NewPCG(1, 1))
		const chats = 300
		var burst []events.SQSMessage
		for i := range 3 * chats {
			// The three marks of a chat stand together; SQS hands a standard queue's messages over nearly in order.
			burst = append(burst, record(fmt.Sprint(i), agent(1+i/3, i%2 == 0), fromStandard, sentAgo(time.Duration(3*chats-i)*time.Millisecond)))
		}
		for i := range burst {
			j := min(i+random.IntN(10), len(burst)-1)
			burst[i], burst[j] = burst[j], burst[i]
		}
		for batch := range len(burst) / 100 {
			before := len(h.calls)
			if back := h.handle(burst[batch*100 : (batch+1)*100]...); len(back) > 0 {
				t.Fatalf("back = %v", back)
			}
			seen := map[target]bool{}
			for _, m := range h.calls[before:] {
				if seen[target{m.ID, m.Reader}] {
					t.Fatalf("two calls for chat %d in one batch", m.ID)
				}
				seen[target{m.ID, m.Reader}] = true
			}
		}
		if perMark := float64(len(h.calls)) / float64(len(burst)); perMark > 0.4 {
			t.Errorf("%.2f calls a mark, want 0.4 at most", perMark)
		}
	})
}
