package queue

import (
	"context"
	"flag"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"helpcrunch-mark-read/shared/apikey"
	"helpcrunch-mark-read/shared/attempt"
	"helpcrunch-mark-read/shared/mark"
	"helpcrunch-mark-read/shared/pace"
)

var histories = flag.Int("histories", 100, "how many random histories the model check drives")

// breakage breaks one promise of the handler's, to see that the model check notices.
type breakage struct {
	oldestWins        bool
	reportsTooFew     bool
	tooFast           bool
	forgetsRejections bool
	losesDeadLetters  bool
	withoutReason     bool
	changesSource     bool
	givesUpEarly      bool
	splitsJobs        bool
	returnsAtOnce     bool
	ignoresBounds     bool
	forgetsToRestore  bool
}

const (
	modelShare  = 30
	modelWindow = 2 * time.Hour
)

// TestModel drives random histories through the handler and checks every promise on each: see violations.
func TestModel(t *testing.T) {
	for seed := range uint64(*histories) {
		if found := history(t, seed, breakage{}); len(found) > 0 {
			t.Fatalf("seed %d: %q", seed, found)
		}
	}
}

// TestModelNotices breaks each promise once; a model check that lets one pass proves nothing.
func TestModelNotices(t *testing.T) {
	for name, broken := range map[string]breakage{
		"the oldest mark wins":                  {oldestWins: true},
		"a message is not reported":             {reportsTooFew: true},
		"the rate is too high":                  {tooFast: true},
		"a rejected key is used again":          {forgetsRejections: true},
		"dead letters are lost":                 {losesDeadLetters: true},
		"dead letters do not say why":           {withoutReason: true},
		"dead letters do not name their source": {changesSource: true},
		"messages expire too early":             {givesUpEarly: true},
		"merged messages are split":             {splitsJobs: true},
		"messages are returned at once":         {returnsAtOnce: true},
		"the bound is ignored":                  {ignoresBounds: true},
		"the flag is not set back":              {forgetsToRestore: true},
	} {
		t.Run(name, func(t *testing.T) {
			for seed := range uint64(200) {
				if len(history(t, seed, broken)) > 0 {
					return
				}
			}
			t.Error("200 histories, and nobody noticed")
		})
	}
}

// history runs one random history to its end and returns the promises that it broke.
func history(t *testing.T, seed uint64, broken breakage) (found []string) {
	synctest.Test(t, func(t *testing.T) {
		random := rand.New(rand.NewPCG(seed, 0))
		w := &world{
			random: random, fifo: seed%2 == 0, broken: broken, calmAt: time.Now().Add(3 * time.Hour), share: modelShare,
			bounded: seed%4 == 2, restores: seed%8 == 2,
			state: map[target]bool{}, validKey: "key-0", secret: "key-0",
		}
		if seed%10 == 3 {
			w.share = 1 // less than one call a minute for each environment
		}
		var produced atomic.Bool
		var all sync.WaitGroup
		all.Go(func() { w.produce(&produced) })
		all.Go(w.rotate)
		all.Go(func() { w.write(&produced) })
		for slot := range 2 {
			all.Go(func() { w.poll(slot, &produced) })
		}
		all.Wait()
		found = w.violations(modelWindow)
	})
	return found
}

// produce sends marks for few chats, some at once and some apart.
func (w *world) produce(done *atomic.Bool) {
	defer done.Store(true)
	w.mu.Lock()
	count := 10 + w.random.IntN(150)
	if w.share == 1 {
		count = 5 + w.random.IntN(15)
	}
	w.mu.Unlock()
	for range count {
		w.mu.Lock()
		wanted := mark.Mark{ID: int64(1 + w.random.IntN(4)), Reader: []mark.Reader{mark.Agent, mark.Customer}[w.random.IntN(2)], Read: w.random.IntN(2) == 0}
		switch w.random.IntN(20) {
		case 0:
			wanted.ID = unknownChat
		case 1:
			wanted.ID = forbiddenChat
		}
		if w.bounded && w.random.IntN(4) > 0 {
			wanted.AsOf = mark.Bound{Set: true, Seconds: time.Now().Unix() - int64(w.random.IntN(20))}
		}
		body := wanted.Message()
		if w.random.IntN(30) == 0 {
			wanted, body = mark.Mark{}, `{"id":0}`
		}
		pause := time.Duration(0)
		if w.random.IntN(4) == 0 {
			pause = time.Duration(w.random.IntN(60)) * time.Second
		}
		w.mu.Unlock()
		w.send(body, wanted)
		time.Sleep(pause)
	}
}

// rotate revokes the key and, after a while, puts the new one into the secret; at times for longer than the retry window.
func (w *world) rotate() {
	for n := 1; n <= 3; n++ {
		w.mu.Lock()
		valid, blocked := time.Duration(w.random.IntN(20))*time.Minute, time.Duration(w.random.IntN(15))*time.Minute
		if w.random.IntN(5) == 0 {
			blocked = 150 * time.Minute
		}
		w.mu.Unlock()
		time.Sleep(valid)
		w.mu.Lock()
		w.validKey = fmt.Sprint("key-", n)
		w.mu.Unlock()
		time.Sleep(blocked)
		w.mu.Lock()
		w.secret = w.validKey
		w.mu.Unlock()
	}
}

// poll is one of the two slots of the event source mapping: an environment at a time, a new one after a crash.
func (w *world) poll(slot int, produced *atomic.Bool) {
	w.pollWith(w.environment(slot), slot, produced)
}

func (w *world) pollWith(handler *Handler, environment int, produced *atomic.Bool) {
	for {
		allSent := produced.Load()
		batch, again, done := w.receive()
		switch {
		case done && allSent:
			return
		case len(batch) == 0:
			time.Sleep(max(time.Until(again), time.Millisecond))
			continue
		}
		time.Sleep(50 * time.Millisecond) // a poll and an invocation take their time
		if !w.invoke(handler, environment, batch) {
			environment += 2
			handler = w.environment(environment)
		}
	}
}

// invoke runs one batch; it returns false when the environment died of it.
func (w *world) invoke(h *Handler, environment int, batch []events.SQSMessage) (alive bool) {
	w.expect(environment, batch)
	defer func() {
		if p := recover(); p != nil {
			if p != errCrash {
				panic(p)
			}
			w.crash(environment, batch)
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	given := batch
	if w.broken.oldestWins {
		given = slices.Clone(batch)
		slices.Reverse(given)
		for i := range given {
			sentAgo(time.Duration(i) * time.Minute)(&given[len(given)-1-i])
		}
	}
	if w.broken.ignoresBounds {
		given = withoutBounds(batch)
	}
	response, err := h.Handle(ctx, events.SQSEvent{Records: given})
	if err != nil || ctx.Err() != nil {
		panic(fmt.Sprint("the handler failed or ran past its deadline: ", err))
	}
	failures := response.BatchItemFailures
	if w.broken.reportsTooFew && len(failures) > 0 {
		failures = failures[1:]
	}
	if w.broken.splitsJobs {
		failures = w.withoutDead(failures)
	}
	w.finish(batch, failures)
	return true
}

func (w *world) environment(n int) *Handler {
	share, window := w.share, modelWindow
	if w.broken.tooFast {
		share = 3 * modelShare
	}
	if w.broken.givesUpEarly {
		window = 5 * time.Minute
	}
	var keys attempt.Keys = apikey.New(w.fetch, 5*time.Minute)
	if w.broken.forgetsRejections {
		keys = forgetful{w}
	}
	return &Handler{
		Attempts: &attempt.Maker{Keys: keys, HelpCrunch: api{w, n}, MaxCall: 8 * time.Second, WaitOut: true, RestoreUnread: w.restores && !w.broken.forgetsToRestore},
		Pacer:    pace.NewPacer(share, 2),
		SQS:      w, QueueURL: "https://sqs/marks.fifo", DeadLetterURL: "https://sqs/dead.fifo", RetryWindow: window,
		Log: slog.New(slog.DiscardHandler), Metrics: w, Function: "queue",
	}
}

// forgetful uses whatever stands in the secret.
type forgetful struct{ w *world }

func (f forgetful) Key(ctx context.Context) (string, error)             { return f.w.fetch(ctx) }
func (forgetful) Rejected(context.Context, string) (string, bool)       { return "", false }
func (forgetful) Confirm(_ context.Context, key string) (string, error) { return key, nil }
func (forgetful) Forbidden(string, int64) bool                          { return false }
func (forgetful) Works(string)                                          {}
