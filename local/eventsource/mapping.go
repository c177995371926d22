// Package eventsource is an SQS event source mapping as Lambda runs it: it receives messages, invokes a function with
// batches of them, and deletes what the function is done with, by the rules of partial batch responses
// (FunctionResponseTypes: ReportBatchItemFailures). It can be paused and resumed, as a mapping is disabled and enabled. Event
// filters and Lambda's scaling and backoff are left out: the concurrency is MaximumConcurrency whenever there are messages.
package eventsource

import (
	"context"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	smithytime "github.com/aws/smithy-go/time"
)

// Mapping is a running mapping. Stop must be called in the end. Its methods are safe for concurrent use.
type Mapping struct {
	options  Options
	cease    context.CancelFunc // no receives any more
	abandon  context.CancelFunc // and no waiting for invocations
	finished chan struct{}

	mu     sync.Mutex
	resume chan struct{} // closed by Resume; nil while the mapping is not paused
}

// Start begins to work through the queue and returns at once.
func Start(o Options) *Mapping {
	working, abandon := context.WithCancel(context.Background())
	receiving, cease := context.WithCancel(working)
	m := &Mapping{options: o, cease: cease, abandon: abandon, finished: make(chan struct{})}
	var pollers sync.WaitGroup
	for range m.options.MaximumConcurrency {
		pollers.Go(func() { m.poll(receiving, working) })
	}
	go func() {
		pollers.Wait()
		close(m.finished)
	}()
	return m
}

// Stop receives nothing more, lets the running invocations end and deletes what they are done with. When ctx ends first, it
// abandons them and returns the context's error; their messages come back. It can be called more than once.
func (m *Mapping) Stop(ctx context.Context) error {
	m.cease()
	defer m.abandon()
	select {
	case <-m.finished:
		return nil
	case <-ctx.Done():
		m.abandon()
		<-m.finished
		return context.Cause(ctx)
	}
}

// Pause lets no further receive start. Receives that wait for messages end by themselves, within 20 s, and what they return
// is still handled, as are the batches in flight: no message becomes invisible for nothing.
func (m *Mapping) Pause() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.resume == nil {
		m.resume = make(chan struct{})
	}
}

// Resume undoes Pause.
func (m *Mapping) Resume() {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.resume != nil {
		close(m.resume)
		m.resume = nil
	}
}

// Paused reports whether Pause was called last.
func (m *Mapping) Paused() bool { return m.resumed() != nil }

func (m *Mapping) resumed() <-chan struct{} {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.resume
}

// ready waits while the mapping is paused. It returns false when the mapping is stopped.
func (m *Mapping) ready(ctx context.Context) bool {
	for resumed := m.resumed(); resumed != nil && ctx.Err() == nil; resumed = m.resumed() {
		select {
		case <-resumed:
		case <-ctx.Done():
		}
	}
	return ctx.Err() == nil
}

// poll alternates between receiving and invoking. That keeps FIFO order: SQS returns no more of a message group while some of
// it is in flight.
func (m *Mapping) poll(receiving, working context.Context) {
	const firstPause, longestPause = time.Second, 20 * time.Second
	wait := firstPause
	for m.ready(receiving) {
		messages, err := m.receive(receiving)
		if err != nil {
			_ = smithytime.SleepWithContext(receiving, wait)
			wait = min(2*wait, longestPause)
			continue
		}
		wait = firstPause
		if len(messages) > 0 {
			m.process(working, messages)
		}
	}
}

// process invokes the function, for each half by itself where the event would be too long. On a FIFO queue the second half
// then waits for what did not succeed in the first, so that nothing is overtaken.
func (m *Mapping) process(ctx context.Context, messages []types.Message) (allDone bool) {
	event := m.event(messages)
	if len(event) <= maxEvent || len(messages) == 1 {
		return m.invoke(ctx, event, messages)
	}
	half := len(messages) / 2
	first := m.process(ctx, messages[:half])
	return (first || !m.options.fifo()) && m.process(ctx, messages[half:]) && first
}

func (m *Mapping) invoke(ctx context.Context, event []byte, messages []types.Message) (allDone bool) {
	batch := Batch{Event: event, Started: time.Now()}
	for _, message := range messages {
		batch.MessageIDs = append(batch.MessageIDs, aws.ToString(message.MessageId))
	}
	response, err := m.options.Invoke(ctx, batch.Event)
	batch.Took = time.Since(batch.Started)
	if err == nil {
		batch.Returned, err = readFailures(response, batch.MessageIDs)
	}
	if err != nil {
		batch.Returned, batch.Err = batch.MessageIDs, err
	}
	m.delete(ctx, without(messages, batch.Returned))
	if m.options.Observe != nil {
		m.options.Observe(batch)
	}
	return len(batch.Returned) == 0
}
