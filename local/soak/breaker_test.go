package soak

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
)

// breaker breaks one thing at a time for a while, so that what follows from it can be seen.
type breaker struct {
	*soak
	random  *rand.Rand
	keys    int
	invalid int
	counts  map[string]int // how often which edge broke
}

// run breaks and repairs until ctx ends. Between two faults everything works for a while.
func (b *breaker) run(ctx context.Context) {
	helpCrunch, queues := edge{"HelpCrunch", b.helpCrunch}, edge{"SQS", b.queues}
	edges := []edge{
		helpCrunch, helpCrunch, helpCrunch, queues, queues, {"TLS handshakes", b.handshakes}, {"Secrets Manager", b.secrets},
		{"dead-letter batches", b.deadLetters}, {"processes", b.processes},
	}
	keys := []edge{{"a right key refused", b.rejectKey}, {"the key rotated late", b.rotateLate}}
	for wait(ctx, b.between(500, 2500)) {
		chosen := edges[b.random.IntN(len(edges))]
		if b.random.IntN(20) == 0 { // rarely: what they break stays so for half a minute
			chosen = keys[b.random.IntN(len(keys))]
		}
		b.counts[chosen.name]++
		chosen.breaks(ctx)
		wait(ctx, b.between(300, 2000))
		b.repair()
	}
}

// edge is a place where something breaks.
type edge struct {
	name   string
	breaks func(context.Context)
}

func (b *breaker) between(low, high int) time.Duration {
	return time.Duration(low+b.random.IntN(high-low)) * time.Millisecond
}

// repair makes everything work again. A key that HelpCrunch has rejected by mistake is not tried for minutes, so there is a
// new one each time.
func (b *breaker) repair() {
	b.tls.setSilent(false)
	b.SQS.SetFault(nil)
	b.Secrets.SetHook(nil)
	b.rotate()
	b.must(b.Simulator.SetFaults())
}

func (b *breaker) rotate() {
	b.keys++
	b.must(b.RotateKey(fmt.Sprintf("soak-helpcrunch-key-%d", b.keys)))
}

// rotateLate has HelpCrunch accept a new key before Secrets Manager has it: until the repair, every key is wrong.
func (b *breaker) rotateLate(context.Context) {
	b.must(b.Simulator.SetKeys("soak-helpcrunch-key-nobody-has"))
}

// never are the kinds of faults that have an edge of their own, and the one that would make the account unsure: a 200 whose
// mark was not made counts as applied.
var never = map[simulator.Kind]bool{simulator.NotApplied: true, simulator.Unauthorized: true, simulator.Forbidden: true, simulator.BadRequestUnauthorized: true}

func (b *breaker) helpCrunch(context.Context) {
	kinds := simulator.Kinds()
	for {
		fault := simulator.Fault{Kind: kinds[b.random.IntN(len(kinds))]}
		switch fault.Kind {
		case simulator.Slow:
			fault.Delay = b.between(10, 3000).String()
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
func (b *breaker) rejectKey(context.Context) {
	kinds := []simulator.Kind{simulator.Unauthorized, simulator.Forbidden, simulator.BadRequestUnauthorized}
	b.must(b.Simulator.SetFaults(simulator.Fault{Kind: kinds[b.random.IntN(len(kinds))], Times: 1 + b.random.IntN(5)}))
}

func (b *breaker) secrets(context.Context) {
	hooks := []secretsmanager.Hook{
		secretsmanager.Hang,
		secretsmanager.Delay(b.between(10, 1500)),
		secretsmanager.Fail(fmt.Errorf("it broke")),
		func(context.Context, string, string) error { panic(http.ErrAbortHandler) },
	}
	b.Secrets.SetHook(hooks[b.random.IntN(len(hooks))])
}

// queues lets a part of the calls to SQS fail, whoever makes them. Only what the functions call hangs: they have deadlines.
func (b *breaker) queues(context.Context) {
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

// handshakes lets HelpCrunch take connections and never finish a TLS handshake.
func (b *breaker) handshakes(ctx context.Context) {
	b.tls.setSilent(true)
	wait(ctx, b.between(2000, 6000))
}

// deadLetters lets SendMessageBatch to the dead-letter queue fail in part: status 200, with some of the entries failed. So
// that there are entries, ten invalid messages come at once.
func (b *breaker) deadLetters(ctx context.Context) {
	b.SQS.SetFault(func(c sqs.Call) error {
		if c.Queue == b.DeadName && c.Entry != "" && rand.IntN(2) == 0 {
			return sqs.Throttled()
		}
		return nil
	})
	for range 10 {
		b.invalid++
		_ = b.Send(ctx, b.Stack, `{"id": "5208"}`, fmt.Sprintf("invalid-%d", b.invalid)) // the account knows what an error means
	}
}

func (b *breaker) processes(ctx context.Context) {
	if time.Now().After(b.half) {
		b.helpCrunch(ctx)
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
