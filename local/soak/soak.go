package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"helpcrunch-mark-read/local/stack"
)

type options struct {
	minutes float64
	seed    uint64
	race    bool
}

// The limits are high, so that in the time there is much happens; HelpCrunch's is above the queue's by more than the HTTP
// callers need.
const (
	accountLimit = 6000
	share        = 3000
	queueTimeout = 12 * time.Second // of one invocation
)

// soak is one run.
type soak struct {
	*stack.Stack
	faults *faults
	ledger *ledger
	audit  *audit
	growth *growth
	broken atomic.Int64 // how often something was broken
	half   time.Time    // from here on no process is killed, so that they live for long
}

// run soaks and reports. Its error says whether promises were broken.
func run(ctx context.Context, o options) error {
	baseline := runtime.NumGoroutine()
	fmt.Printf("seed %d, %.1f minutes\n", o.seed, o.minutes)
	s, err := start(ctx, o)
	if err != nil {
		return err
	}
	drained := s.soak(ctx, o)
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	closed := s.Close(closing)
	return errors.Join(drained, closed, s.account(), s.faults.err(), leftOver(closing, baseline))
}

func start(ctx context.Context, o options) (*soak, error) {
	f := &faults{out: os.Stderr}
	s := &soak{faults: f, ledger: newLedger(), audit: newAudit(f)}
	var err error
	s.Stack, err = stack.Start(ctx, stack.Options{
		AccountLimit: accountLimit, RequestsPerMinute: share, KeyTTL: 5 * time.Second, QueueTimeout: queueTimeout,
		Race: o.race, Log: s.line, Observe: s.audit.observe,
	})
	if err != nil {
		return nil, err
	}
	s.growth = &growth{functions: map[string]environments{"http": s.HTTP, "queue": s.Queue}, samples: map[process][]sample{}}
	// What a killed function or a lost answer leaves behind shall come back within the soak.
	_, err = s.Client.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: &s.QueueURL, Attributes: map[string]string{"VisibilityTimeout": "30"}})
	if err != nil {
		return nil, errors.Join(err, s.Close(ctx))
	}
	return s, nil
}

// soak lets everything run and fail, mends it and waits until the queue is empty. Processes are killed in the first half
// only: in the second one it shows whether they grow.
func (s *soak) soak(ctx context.Context, o options) error {
	length := time.Duration(o.minutes * float64(time.Minute))
	s.half = time.Now().Add(length / 2)
	end := time.Now().Add(length)
	limited, cancel := context.WithDeadline(ctx, end)
	defer cancel()
	watching, stop := context.WithCancel(ctx)
	var watchers sync.WaitGroup
	watchers.Go(func() { s.growth.watch(watching) })
	watchers.Go(func() { s.watch(watching) })
	random := func(n uint64) *rand.Rand { return rand.New(rand.NewPCG(o.seed, n)) }
	b := &breaker{soak: s, random: random(0)}
	var all sync.WaitGroup
	all.Go(func() { b.run(limited) })
	all.Go(func() { s.produce(limited, random(1)) })
	for i := range callers {
		all.Go(func() { s.call(limited, i, random(uint64(2+i))) })
	}
	all.Wait()
	b.mend()
	fmt.Printf("%d times something was broken; now everything is mended, and the queue runs dry\n", s.broken.Load())
	err := s.drain(ctx)
	stop()
	watchers.Wait()
	s.faults.addAll(s.growth.report(s.half, end, s.growth.living(), o.race)...)
	return err
}
