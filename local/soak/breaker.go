package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"helpcrunch-mark-read/local/secretsmanager"
	"helpcrunch-mark-read/local/simulator"
	"helpcrunch-mark-read/local/sqs"
	"helpcrunch-mark-read/local/stack"
)

// breaker breaks one thing at a time for a while, so that what follows from it shows.
type breaker struct {
	*soak
	random *rand.Rand
	keys   int
}

// run breaks and mends until ctx ends. Between two faults everything works for a while.
func (b *breaker) run(ctx context.Context) {
	edges := []func(){b.helpCrunch, b.helpCrunch, b.helpCrunch, b.secrets, b.queues, b.queues, b.processes}
	keys := []func(){b.rejectKey, b.rotateLate} // rarely: what they break stays so for half a minute
	for wait(ctx, b.between(500, 2500)) {
		b.broken.Add(1)
		if b.random.IntN(20) == 0 {
			keys[b.random.IntN(len(keys))]()
		} else {
			edges[b.random.IntN(len(edges))]()
		}
		wait(ctx, b.between(300, 2000))
		b.mend()
	}
}

func (b *breaker) between(low, high int) time.Duration {
	return time.Duration(low+b.random.IntN(high-low)) * time.Millisecond
}

// mend makes everything work again. A key that HelpCrunch has rejected by mistake is not tried for minutes, so there is a
// new one each time.
func (b *breaker) mend() {
	b.SQS.SetFault(nil)
	b.Secrets.SetHook(nil)
	b.rotate()
	b.must(b.Simulator.SetFaults())
}

func (b *breaker) rotate() {
	b.keys++
	key := fmt.Sprintf("soak-helpcrunch-key-%d", b.keys)
	b.must(b.Secrets.Rotate(stack.KeySecret, key))
	b.must(b.Simulator.SetKeys(key))
}

// rotateLate gives HelpCrunch the new key before Secrets Manager has it: until it is mended, every key is wrong.
func (b *breaker) rotateLate() { b.must(b.Simulator.SetKeys("soak-helpcrunch-key-nobody-has")) }

// never are the kinds of faults that have an edge of their own, and the one that would make the account unsure: a 200 that
// makes no mark counts as applied.
var never = map[simulator.Kind]bool{simulator.NotApplied: true, simulator.Unauthorized: true, simulator.Forbidden: true, simulator.BadRequestUnauthorized: true}

func (b *breaker) helpCrunch() {
	kinds := simulator.Kinds()
	for {
		fault := simulator.Fault{Kind: kinds[b.random.IntN(len(kinds))]}
		switch fault.Kind {
		case simulator.Slow:
			fault.Delay = b.between(10, 3000)
		case simulator.Hang:
			fault.Times, fault.Applied = 1+b.random.IntN(3), b.random.IntN(2) == 0
		case simulator.TooManyRequests, simulator.BadRequestTooManyRequests:
			fault.RetryAfter = []string{"", "1", "2", "soon", "-1"}[b.random.IntN(5)]
		case simulator.Answer:
			fault.Status = []int{201, 402, 418, 451, 500, 599}[b.random.IntN(6)]
			fault.Body = []string{"", "null", "\xff\xfe", `{"errors":[]}`, `{"errors":[{"code":"not_found"}]}`}[b.random.IntN(5)]
		case simulator.Endless, simulator.GzipBomb:
			fault.Size = 8 << 20
		}
		if never[fault.Kind] {
			continue
		}
		b.must(b.Simulator.SetFaults(fault))
		return
	}
}

// rejectKey lets HelpCrunch refuse a key that is right.
func (b *breaker) rejectKey() {
	kinds := []simulator.Kind{simulator.Unauthorized, simulator.Forbidden, simulator.BadRequestUnauthorized}
	b.must(b.Simulator.SetFaults(simulator.Fault{Kind: kinds[b.random.IntN(len(kinds))], Times: 1 + b.random.IntN(5)}))
}

func (b *breaker) secrets() {
	hooks := []secretsmanager.Hook{
		secretsmanager.Hang,
		secretsmanager.Delay(b.between(10, 1500)),
		secretsmanager.Fail(fmt.Errorf("it broke")),
		func(context.Context, string, string) error { panic(http.ErrAbortHandler) },
	}
	b.Secrets.SetHook(hooks[b.random.IntN(len(hooks))])
}

// queues lets a part of the calls to SQS fail, whoever makes them. Only what the functions call hangs: they have deadlines.
func (b *breaker) queues() {
	faults := []error{sqs.Internal(), sqs.Throttled(), sqs.ErrLoseAnswer, sqs.ErrHang}
	fault := faults[b.random.IntN(len(faults))]
	b.SQS.SetFault(func(c sqs.Call) error {
		whole := errors.Is(fault, sqs.ErrHang) || errors.Is(fault, sqs.ErrLoseAnswer)
		spared := errors.Is(fault, sqs.ErrHang) && c.Queue != b.DeadName && c.Action != "ChangeMessageVisibilityBatch"
		if rand.IntN(3) > 0 || spared || whole && c.Entry != "" {
			return nil
		}
		return fault
	})
}

func (b *breaker) processes() {
	if time.Now().After(b.half) {
		b.helpCrunch()
		return
	}
	if b.random.IntN(2) == 0 {
		b.HTTP.Kill()
		return
	}
	b.Queue.Kill()
}

// must is for faults that are wrong in themselves: a mistake in this program.
func (b *breaker) must(err error) {
	if err != nil {
		panic(err)
	}
}

// wait waits, and says whether ctx goes on.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
