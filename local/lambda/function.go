// Package lambda runs a compiled Lambda function on this machine as Lambda does: as processes that ask for work over the
// Lambda Runtime API, started on demand, kept warm, one invocation at a time each, killed when they take too long. It is
// for local use and for tests, on Linux and macOS. Memory limits, freezing between invocations, extensions and streamed
// answers are Lambda's own and not imitated.
package lambda

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"
)

// maxPayload is Lambda's limit for synchronous invocations, each way.
const maxPayload = 6 << 20

// Config describes one function. Only what is said to have a default may be left out.
type Config struct {
	Name           string
	Binary         string            // the executable that Lambda calls bootstrap, an absolute path; its folder is the working directory
	Environment    map[string]string // the function's own variables; they win over the standard ones but AWS_LAMBDA_RUNTIME_API
	Timeout        time.Duration     // of one invocation
	InitTimeout    time.Duration     // from the start of the process to its first request for work; Lambda's 10 s by default
	MaxConcurrency int               // environments at most. When all are taken, an invocation is throttled, as by Lambda
	Region         string
	AccountID      string
	Log            func(Line) // every line of output, in order, one call at a time; nil drops them
}

// Function is one function with its environments. It is safe for concurrent use. Stop must be called in the end.
type Function struct {
	config  Config
	logging sync.Mutex
	running sync.WaitGroup

	mu           sync.Mutex
	working      int            // invocations that are running, at most one for each environment
	environments []*environment // the most recently used last
	stopped      bool
}

// New prepares a function; no process is started before the first invocation.
func New(config Config) *Function { return &Function{config: config} }

// Invoke runs the function once and returns its answer. Errors are *Error, ErrStopped or the context's. As with Lambda, the
// context ends the waiting and not the invocation: a function whose caller has gone runs on until it answers or its timeout
// is over.
func (f *Function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if len(payload) > maxPayload {
		return nil, sizeError(eventTooLarge, "request")
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := f.begin(); err != nil {
		return nil, err
	}
	done := make(chan result, 1)
	go func() {
		answer := f.run(payload)
		f.end()
		done <- answer
	}()
	select {
	case answer := <-done:
		return answer.payload, answer.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

func (f *Function) begin() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.stopped {
		return ErrStopped
	}
	if f.working == f.config.MaxConcurrency {
		return &Error{Throttled, fmt.Sprintf("rate exceeded: all %d environments of %s are taken", f.working, f.config.Name)}
	}
	f.working++
	f.running.Add(1)
	return nil
}

func (f *Function) end() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.working--
	f.running.Done()
}

// run invokes a warm environment, or a new one.
func (f *Function) run(payload []byte) result {
	e := f.warm()
	if e == nil {
		var err error
		if e, err = f.start(); err != nil {
			return result{err: err}
		}
	}
	defer f.release(e)
	return e.invoke(payload)
}

// warm takes the most recently used environment that is idle and whose process lives, as Lambda prefers; nil if there is none.
func (f *Function) warm() *environment {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range slices.Backward(f.environments) {
		if !e.busy && e.process.alive() {
			e.busy = true
			return e
		}
	}
	return nil
}

// start makes a new environment and waits for it to be ready for work.
func (f *Function) start() (*environment, error) {
	e, err := startEnvironment(f)
	if err != nil {
		return nil, err
	}
	f.mu.Lock()
	if f.stopped { // the process would outlive the function
		f.mu.Unlock()
		e.process.kill()
		return nil, ErrStopped
	}
	f.environments = append(f.environments, e)
	f.mu.Unlock()
	if err := e.init(); err != nil {
		f.release(e)
		return nil, err
	}
	return e, nil
}

// release keeps a living environment for the next invocation and forgets all dead ones.
func (f *Function) release(e *environment) {
	f.mu.Lock()
	defer f.mu.Unlock()
	e.busy = false
	f.environments = slices.DeleteFunc(f.environments, func(other *environment) bool { return other == e || !other.process.alive() })
	if e.process.alive() {
		f.environments = append(f.environments, e)
	}
}
