package lambda

import (
	"context"
	"sync"
	"time"
)

// stopGrace is how long a process has between SIGTERM and SIGKILL. Lambda allows 2 s at shutdown.
const stopGrace = 2 * time.Second

// Stop refuses new invocations, waits for the running ones until ctx ends, and ends all processes: SIGTERM, then SIGKILL
// after 2 s. When it returns, no process is left and every line of output has been delivered. The error is the context's if
// invocations were cut short. It can be called more than once.
func (f *Function) Stop(ctx context.Context) error {
	f.pool.mu.Lock()
	f.stopOnce.Do(func() { close(f.stopping) })
	f.pool.mu.Unlock()

	err := f.drain(ctx)
	var ending sync.WaitGroup
	for _, e := range f.pool.close() {
		ending.Go(func() { e.terminate(stopGrace) })
	}
	ending.Wait()
	f.running.Wait()
	return err
}

func (f *Function) drain(ctx context.Context) error {
	idle := make(chan struct{})
	go func() {
		f.running.Wait()
		close(idle)
	}()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// Kill ends every process at once with SIGKILL, those in the midst of an invocation too, and says how many there were. Their
// invocations fail with *ExitError, and the next ones start anew: the way to see what a crash does.
func (f *Function) Kill() int {
	environments := f.pool.members()
	for _, e := range environments {
		e.kill()
	}
	return len(environments)
}

// Environment is what can be seen of one environment.
type Environment struct {
	PID         int
	LogStream   string
	Invocations int // started, the running one included
	Busy        bool
}

// Environments lists the living environments, oldest first.
func (f *Function) Environments() []Environment {
	var list []Environment
	for _, e := range f.pool.members() {
		if e.process.alive() {
			list = append(list, e.view())
		}
	}
	return list
}
