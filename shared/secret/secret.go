// Package secret keeps one secret of AWS Secrets Manager at hand: cached, fetched once for many callers, and kept in
// use while Secrets Manager fails.
package secret

import (
	"context"
	"sync"
	"time"
)

const (
	// fetchTimeout bounds one fetch, the AWS SDK's own retries included, so that a caller still has time to answer.
	fetchTimeout = 3 * time.Second
	// staleFor is how long an old value is used without asking again after a fetch failed.
	staleFor = 30 * time.Second
)

// UnavailableError says that the secret can't be read, or that what was read can't be used.
type UnavailableError struct {
	Reason   string // for the operator; never holds any of the secret
	Unusable bool   // Secrets Manager answered, but with nothing that can be used
	Cause    error  // what the AWS SDK said, if it was asked
}

func (e *UnavailableError) Error() string { return e.Reason }

// Unwrap gives what the AWS SDK said.
func (e *UnavailableError) Unwrap() error { return e.Cause }

// Fetch reads the secret and makes of it what is needed. Its errors are *UnavailableError.
type Fetch[T any] func(ctx context.Context) (T, error)

// Cache holds the newest value of a secret. It is safe for concurrent use. A failed fetch is never remembered as the
// secret's state: without a value at hand, the next caller asks again.
type Cache[T any] struct {
	fetch Fetch[T]

	mu     sync.Mutex
	value  T
	held   bool      // value is there to be used
	age    time.Time // when value was fetched
	failed time.Time // when a fetch last failed
	asked  time.Time // when AskAgain last fetched
	flight *flight[T]
}

// flight is one fetch that any number of callers wait for. Its results are read after done is closed.
type flight[T any] struct {
	done  chan struct{}
	value T
	err   error
}

// New makes an empty cache: nothing is fetched until somebody asks.
func New[T any](fetch Fetch[T]) *Cache[T] { return &Cache[T]{fetch: fetch} }

// Held gives the value at hand without fetching.
func (c *Cache[T]) Held() (value T, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.value, c.held
}

// Get gives a value that was fetched no longer than maxAge ago, or an older one while Secrets Manager fails.
func (c *Cache[T]) Get(ctx context.Context, maxAge time.Duration) (T, error) {
	c.mu.Lock()
	if now := time.Now(); c.held && (now.Sub(c.age) < maxAge || now.Sub(c.failed) < min(staleFor, maxAge)) {
		defer c.mu.Unlock()
		return c.value, nil
	}
	f := c.join(ctx)
	c.mu.Unlock()

	value, err := f.wait(ctx)
	if err == nil {
		return value, nil
	}
	if old, ok := c.Held(); ok {
		return old, nil
	}
	return value, err
}

// AskAgain looks for a newer value, unless it was asked to do so at that time or since; who comes while a fetch is under
// way waits for it. When it fails, the value at hand stays.
func (c *Cache[T]) AskAgain(ctx context.Context, since time.Time) {
	c.mu.Lock()
	if c.asked.Before(since) {
		c.asked = time.Now()
		c.join(ctx)
	}
	f := c.flight
	c.mu.Unlock()
	if f != nil {
		_, _ = f.wait(ctx)
	}
}

// join gives the fetch under way, or starts one; c.mu is held. The fetch belongs to all who wait for it, so it does not
// end with the one who happened to start it.
func (c *Cache[T]) join(ctx context.Context) *flight[T] {
	if c.flight != nil {
		return c.flight
	}
	f := &flight[T]{done: make(chan struct{})}
	c.flight = f
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), fetchTimeout)
		defer cancel()
		f.value, f.err = c.safeFetch(ctx)
		c.land(f)
	}()
	return f
}

// safeFetch turns a panic into an error: nothing above this goroutine could.
func (c *Cache[T]) safeFetch(ctx context.Context) (value T, err error) {
	defer func() {
		if recover() != nil {
			err = &UnavailableError{Reason: "reading the secret panicked"}
		}
	}()
	return c.fetch(ctx)
}

func (c *Cache[T]) land(f *flight[T]) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.flight = nil
	now := time.Now()
	if unavailable, ok := f.err.(*UnavailableError); ok && unavailable.Unusable {
		// The secret was changed to something that can't be used: an old value would hide that until it is too late.
		var none T
		c.value, c.held = none, false
	} else if f.err != nil {
		c.failed = now
	} else {
		c.value, c.held, c.age, c.failed = f.value, true, now, time.Time{}
	}
	close(f.done)
}

func (f *flight[T]) wait(ctx context.Context) (T, error) {
	select {
	case <-f.done:
		return f.value, f.err
	case <-ctx.Done():
		var none T
		return none, &UnavailableError{Reason: "Secrets Manager gave no answer in time"}
	}
}
