package lambda

import (
	"context"
	"slices"
	"sync"
	"time"
)

// stopGrace is how long a process has between SIGTERM and SIGKILL. It is what Lambda allows a function with an extension; one without gets no SIGTERM.
const stopGrace = 2 * time.Second

// Stop refuses new invocations, waits for the running ones until ctx ends, and ends all processes: SIGTERM, then SIGKILL
// after 2 s. When it returns, no process is left and every line of output has been delivered. The error is the context's if
// invocations were cut short. It can be called more than once.
func (f *Function) Stop(ctx context.Context) (err error) {
	f.mu.Lock()
	f.stopped = true
	f.mu.Unlock()
	idle := make(chan struct{})
	go func() {
		f.running.Wait()
		close(idle)
	}()
	select {
	case <-idle:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	var ending sync.WaitGroup
	for _, e := range f.living() {
		ending.Go(func() { e.process.terminate(stopGrace) })
	}
	ending.Wait()
	<-idle
	return err
}

// Kill ends every process at once with SIGKILL, those in the midst of an invocation too. Their invocations fail with
// ProcessEnded, and the next ones start anew: the way to see what a crash does.
func (f *Function) Kill() {
	for _, e := range f.living() {
		e.process.kill()
	}
}

// Processes lists the ids of the living processes, one for each environment, the most recently used last.
func (f *Function) Processes() (ids []int) {
	for _, e := range f.living() {
		ids = append(ids, e.process.pid)
	}
	return ids
}

func (f *Function) living() []*environment {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(f.environments), func(e *environment) bool { return !e.process.alive() })
}
