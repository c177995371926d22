// Package soak drives the local stack for minutes or hours while everything on the way fails at random: HelpCrunch, Secrets
// Manager, SQS and, in the first half, the functions' own processes. Then it repairs everything, waits until the queue is
// empty, and reports what became of every message, what the functions grew to, and whether anything is left over.
package soak

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	smithytime "github.com/aws/smithy-go/time"

	"helpcrunch-mark-read/local/account"
	"helpcrunch-mark-read/local/stack"
)

var (
	minutes = flag.Float64("minutes", 0, "how long everything fails at random; 0: no soak")
	seed    = flag.Uint64("seed", uint64(time.Now().UnixNano()), "of what fails when; the interleaving is chance all the same")
)

// The limits are high, so that much happens in the time; HelpCrunch's is above the queue's by more than the HTTP callers
// need.
const (
	accountLimit = 6000
	share        = 3000
	queueTimeout = 12 * time.Second // of one invocation

	auditEvery    = 5 * time.Second
	settled       = 5 * time.Second // after so long every line and every answer has come
	progressEvery = 2 * time.Minute
	drainTime     = 20 * time.Minute // what was received often is held for up to a quarter of an hour
)

// soak is one run.
type soak struct {
	*stack.Stack
	*account.Account
	growth growth
	tls    *tlsServer
	half   time.Time // from here on no process is killed, so that they live for long
}

// TestSoak fails if a promise is broken. Under the race detector the functions are built with it too.
func TestSoak(t *testing.T) {
	if *minutes == 0 {
		t.Skip("make soak runs it")
	}
	ctx, stop := signal.NotifyContext(t.Context(), os.Interrupt)
	defer stop()
	baseline := runtime.NumGoroutine()
	fmt.Printf("seed %d, %.1f minutes\n", *seed, *minutes)
	s := start(t)
	drained := s.soak(ctx)
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	for _, err := range []error{drained, s.Stack.Close(closing), s.sums(), s.Err()} {
		if err != nil {
			t.Error(err)
		}
	}
	s.tls.close()
	checkLeftOver(t, closing, baseline)
}

// raced is whether this test runs under the race detector.
func raced() bool {
	info, _ := debug.ReadBuildInfo()
	return slices.Contains(info.Settings, debug.BuildSetting{Key: "-race", Value: "true"})
}

func start(t *testing.T) *soak {
	s := &soak{Account: account.New(os.Stderr, queueTimeout), tls: serveTLS(t), growth: growth{}}
	var err error
	s.Stack, err = stack.Start(t.Context(), stack.Options{
		AccountLimit: accountLimit, RequestsPerMinute: share, QueueTimeout: queueTimeout,
		Race: raced(), Log: s.Log, Observe: s.Observe, Environment: s.tls.environment(),
	})
	if err != nil {
		t.Fatal(err)
	}
	s.tls.handler.Store(s.Simulator)
	// What a killed function or a lost answer leaves behind is to come back within the soak.
	_, err = s.Client.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: &s.QueueURL, Attributes: map[string]string{"VisibilityTimeout": "30"}})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// soak lets everything run and fail, repairs it and waits until the queue is empty. Processes are killed in the first half
// only: in the second one it shows whether they grow.
func (s *soak) soak(ctx context.Context) error {
	length := time.Duration(*minutes * float64(time.Minute))
	s.half = time.Now().Add(length / 2)
	end := time.Now().Add(length)
	limited, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	watching, stop := context.WithCancel(ctx)
	var watchers sync.WaitGroup
	watchers.Go(func() { s.watchGrowth(watching) })
	watchers.Go(func() { s.watch(watching) })
	random := func(n uint64) *rand.Rand { return rand.New(rand.NewPCG(*seed, n)) }
	b := &breaker{soak: s, random: random(0), counts: map[string]int{}}
	var all sync.WaitGroup
	all.Go(func() { b.run(limited) })
	all.Go(func() { s.produce(limited, random(1)) })
	for i := range callers {
		all.Go(func() { s.call(limited, i, random(uint64(2+i))) })
	}
	all.Wait()
	b.repair()
	fmt.Printf("how often something was broken: %v; now everything is repaired, and the queue runs dry\n", b.counts)
	err := s.Drain(ctx, s.Stack, drainTime)
	stop()
	watchers.Wait()
	s.reportGrowth(s.half, end)
	return err
}

// watch judges what happens while it happens, and says now and then how far it is.
func (s *soak) watch(ctx context.Context) {
	started, reported := time.Now(), time.Now()
	for wait(ctx, auditEvery) {
		if err := s.Judge(s.Stack, time.Now().Add(-settled)); err != nil {
			s.Broken("the dead-letter queue cannot be read: %v", err)
			return
		}
		if time.Since(reported) >= progressEvery {
			reported = time.Now()
			sent, ended, broken := s.Progress()
			fmt.Printf("%v: %d messages sent, %d ended; %d promises broken\n", time.Since(started).Round(time.Second), sent, ended, broken)
		}
	}
}

// sums says what became of every message. Nothing moves any more: everything is stopped.
func (s *soak) sums() error {
	sums, err := s.Account.Close(s.Stack)
	if err != nil {
		return err
	}
	if most := s.Simulator.Counts().MostIn60s; most > accountLimit {
		s.Broken("%d calls in a minute", most)
	}
	fmt.Println(sums)
	fmt.Printf("held %d times; %d calls; %d dead letters, %d of them second copies or of messages that were applied later\n",
		sums.Held, sums.Calls, sums.DeadLetters, sums.DeadLetters-sums.Dead)
	fmt.Println("answers:", sums.Answers)
	return nil
}

// checkLeftOver waits until the stack's goroutines are gone, and reports them if they do not go.
func checkLeftOver(t *testing.T, ctx context.Context, baseline int) {
	const kept = 10 // idle connections of this program's own clients
	for runtime.NumGoroutine() > baseline+kept {
		if !wait(ctx, 100*time.Millisecond) {
			stacks := make([]byte, 1<<20)
			t.Errorf("%d goroutines are left over\n%s", runtime.NumGoroutine()-baseline, stacks[:runtime.Stack(stacks, true)])
			return
		}
	}
}

// wait waits, and says whether ctx goes on.
func wait(ctx context.Context, d time.Duration) bool {
	return smithytime.SleepWithContext(ctx, d) == nil
}
