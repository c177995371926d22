package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"sync"
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
)

// soak is one run.
type soak struct {
	*stack.Stack
	ledger *ledger
	lines  *lines
	growth *growth
}

// run soaks and reports. Its error says which promises were broken.
func run(ctx context.Context, o options) error {
	baseline := runtime.NumGoroutine()
	fmt.Printf("seed %d, %.1f minutes\n", o.seed, o.minutes)
	s, err := start(ctx, o)
	if err != nil {
		return err
	}
	broken := s.soak(ctx, o)
	closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 30*time.Second)
	defer cancel()
	return errors.Join(broken, s.Close(closing), leftOver(closing, baseline))
}

func start(ctx context.Context, o options) (*soak, error) {
	s := &soak{ledger: newLedger(), lines: &lines{}}
	so := stack.Options{
		AccountLimit: accountLimit, RequestsPerMinute: share, KeyTTL: 5 * time.Second, QueueTimeout: 12 * time.Second, Log: s.lines.add,
	}
	if o.race {
		var err error
		if so.Binaries, err = buildRace(ctx); err != nil {
			return nil, err
		}
	}
	var err error
	if s.Stack, err = stack.Start(ctx, so); err != nil {
		return nil, err
	}
	s.growth = &growth{functions: map[string]environments{"http": s.HTTP, "queue": s.Queue}, relaxed: o.race}
	// What a killed function or a lost answer leaves behind shall come back within the soak.
	_, err = s.Client.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: &s.QueueURL, Attributes: map[string]string{"VisibilityTimeout": "30"}})
	if err != nil {
		return nil, errors.Join(err, s.Close(ctx))
	}
	return s, nil
}

// buildRace builds the functions with the race detector into a folder that stays for the next time.
func buildRace(ctx context.Context) (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "helpcrunch-mark-read", "race")
	for _, name := range []string{"http", "queue"} {
		command := exec.CommandContext(ctx, "go", "build", "-race", "-o", filepath.Join(dir, name, "bootstrap"), "helpcrunch-mark-read/functions/"+name)
		if output, err := command.CombinedOutput(); err != nil {
			return "", fmt.Errorf("functions/%s does not build: %w\n%s", name, err, output)
		}
	}
	return dir, nil
}

// soak lets everything run and fail, mends it and takes stock.
func (s *soak) soak(ctx context.Context, o options) error {
	limited, cancel := context.WithTimeout(ctx, time.Duration(o.minutes*float64(time.Minute)))
	defer cancel()
	var all sync.WaitGroup
	random := func(n uint64) *rand.Rand { return rand.New(rand.NewPCG(o.seed, n)) }
	b := &breaker{soak: s, random: random(0)}
	all.Go(func() { b.run(limited) })
	all.Go(func() { s.produce(limited, random(1)) })
	for i := range callers {
		all.Go(func() { s.call(limited, i, random(uint64(2+i))) })
	}
	watching, stop := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() { defer close(watched); s.growth.watch(watching) }()
	all.Wait()
	b.mend()
	fmt.Printf("%d times something was broken; now everything is mended, and the queue runs dry\n", b.times)
	err := s.drain(ctx)
	stop()
	<-watched
	return errors.Join(err, s.account(), s.growth.err())
}
