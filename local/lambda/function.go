// Package lambda runs a compiled Lambda function on this machine as Lambda does: as processes that ask for work over the
// Lambda Runtime API, started on demand, kept warm, one invocation at a time each, killed when they take too long. It is
// for local use and for tests, on Linux and macOS. Memory limits, freezing between invocations, extensions and streamed
// answers are Lambda's own and not imitated.
package lambda

import (
	"context"
	"sync"
)

// maxPayload is Lambda's limit for synchronous invocations, each way.
const maxPayload = 6 << 20

// Function is one function with its environments. It is safe for concurrent use. Stop must be called in the end.
type Function struct {
	config   Config
	slots    chan struct{} // one token for every environment at work
	pool     pool
	stopping chan struct{}
	stopOnce sync.Once
	running  sync.WaitGroup
}

// New prepares a function; no process is started before the first invocation. The error names all faults of the config.
func New(config Config) (*Function, error) {
	config, err := config.withDefaults()
	if err != nil {
		return nil, err
	}
	if log := config.Log; log != nil {
		var mu sync.Mutex
		config.Log = func(line Line) {
			mu.Lock()
			defer mu.Unlock()
			log(line)
		}
	}
	return &Function{
		config:   config,
		slots:    make(chan struct{}, config.MaxConcurrency),
		stopping: make(chan struct{}),
	}, nil
}

// Invoke runs the function once and returns its answer. Errors are *FunctionError, *TimeoutError, *ExitError, *InitError,
// *ThrottledError, *SizeError, ErrStopped or the context's. As with Lambda, the context ends the waiting and not the
// invocation: a function whose caller has gone runs on until it answers or its timeout is over.
func (f *Function) Invoke(ctx context.Context, payload []byte) ([]byte, error) {
	if len(payload) > maxPayload {
		return nil, &SizeError{What: "request"}
	}
	if err := f.enter(ctx); err != nil {
		return nil, err
	}
	done := make(chan result, 1)
	go func() {
		answer := f.run(payload)
		f.leave()
		done <- answer
	}()
	select {
	case answer := <-done:
		return answer.payload, answer.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// enter takes a slot, if one is free.
func (f *Function) enter(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	select {
	case f.slots <- struct{}{}:
		return f.enlist()
	default:
		return &ThrottledError{Function: f.config.Name, Limit: f.config.MaxConcurrency}
	}
}

// enlist counts the invocation among those that Stop waits for, unless Stop has begun.
func (f *Function) enlist() error {
	f.pool.mu.Lock()
	defer f.pool.mu.Unlock()
	select {
	case <-f.stopping:
		<-f.slots
		return ErrStopped
	default:
		f.running.Add(1)
		return nil
	}
}

func (f *Function) leave() {
	<-f.slots
	f.running.Done()
}

// run invokes a warm environment, or a new one.
func (f *Function) run(payload []byte) result {
	e := f.pool.warm()
	if e == nil {
		var err error
		if e, err = f.start(); err != nil {
			return result{err: err}
		}
	}
	answer := e.invoke(payload, f.config.Timeout)
	f.pool.release(e)
	return answer
}

// start makes a new environment and waits for it to be ready for work.
func (f *Function) start() (*environment, error) {
	e, err := startEnvironment(f.config)
	if err != nil {
		return nil, err
	}
	if !f.pool.add(e) {
		e.kill()
		e.api.close()
		return nil, ErrStopped
	}
	if err := e.init(f.config.InitTimeout); err != nil {
		f.pool.release(e)
		return nil, err
	}
	return e, nil
}
