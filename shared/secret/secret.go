// Package secret caches one secret of AWS Secrets Manager: many callers share one fetch, and a cached value stays in use
// while Secrets Manager fails. Whatever lasts from one invocation to the next is measured on the wall clock.
package secret

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	// fetchTimeout bounds one fetch, the AWS SDK's own retries included, so that a caller still has time to answer.
	fetchTimeout = 3 * time.Second
	// failedFor is how long a cached value is used without another fetch after a fetch failed.
	failedFor = 30 * time.Second
)

// UnavailableError reports that the secret can't be read, or that what was read can't be used.
type UnavailableError struct {
	Reason   string // for the operator; never holds any of the secret
	Unusable bool   // Secrets Manager answered, but with nothing that can be used
	Refused  bool   // Secrets Manager refused for good: the secret is gone, or may not be read
	Cause    error  // the AWS SDK's error, if it was called
}

func (e *UnavailableError) Error() string { return e.Reason }

// Unwrap returns the AWS SDK's error.
func (e *UnavailableError) Unwrap() error { return e.Cause }

// Fetch reads the secret and makes of it what is needed. Its errors are *UnavailableError.
type Fetch[T any] func(ctx context.Context) (T, error)

// Policy says what a cache does when its secret can't be had. The zero value keeps a cached value in use, however long
// Secrets Manager fails and for whatever reason, until the secret is found unusable.
type Policy struct {
	Revocable   bool          // once Secrets Manager refuses for good, the cached value counts no longer
	OutageFor   time.Duration // how long after its fetch a value counts while Secrets Manager fails; 0: without end
	UnusableFor time.Duration // how long a secret that was found unusable is not read again
}

// Cache caches the newest value of a secret. It is safe for concurrent use. A failure to fetch is not cached: without a
// value, the next caller fetches again.
type Cache[T any] struct {
	fetch  Fetch[T]
	policy Policy

	mu        sync.Mutex
	value     T
	cached    bool
	fetched   time.Time // when value was
	failed    time.Time // when a fetch last failed
	refreshed time.Time // when Refresh last fetched
	unusable  error     // what was wrong with the secret when it was last read
	flight    *flight[T]
}

// flight is one fetch that any number of callers wait for (singleflight). Its results are read after done is closed.
type flight[T any] struct {
	began time.Time
	done  chan struct{}
	value T
	err   error
}

// New returns an empty cache: nothing is fetched before the first call.
func New[T any](fetch Fetch[T], policy Policy) *Cache[T] {
	return &Cache[T]{fetch: fetch, policy: policy}
}

// Cached returns the cached value without fetching.
func (c *Cache[T]) Cached() (value T, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !c.counts() {
		return value, false
	}
	return c.value, true
}

// Get returns a value that was fetched no longer than maxAge ago, or an older one while Secrets Manager fails. Its error is
// an *UnavailableError of a fetch that began after the call did, or that the context ended.
func (c *Cache[T]) Get(ctx context.Context, maxAge time.Duration) (T, error) {
	came := Now()
	for tried := false; ; tried = true {
		c.mu.Lock()
		if c.counts() && (Within(c.fetched, maxAge) || Within(c.failed, min(failedFor, maxAge))) {
			defer c.mu.Unlock()
			return c.value, nil
		}
		if c.unusable != nil && Within(c.failed, c.policy.UnusableFor) {
			defer c.mu.Unlock()
			return c.value, c.unusable
		}
		f := c.join(ctx)
		c.mu.Unlock()

		value, err := f.wait(ctx)
		if err == nil {
			return value, nil
		}
		if old, ok := c.Cached(); ok {
			return old, nil
		}
		if tried || ctx.Err() != nil || !f.began.Before(came) {
			return value, err
		}
	}
}

// Refresh fetches unless a refresh began at or after since. Concurrent callers share one fetch. When it fails, a cached
// value stays in use as the policy says.
func (c *Cache[T]) Refresh(ctx context.Context, since time.Time) {
	c.mu.Lock()
	f := c.flight
	if f != nil && f.began.Before(since) { // it may have read the secret before that
		c.mu.Unlock()
		_, _ = f.wait(ctx)
		c.mu.Lock()
		f = c.flight
	}
	if now := Now(); c.refreshed.Before(since) || c.refreshed.After(now) {
		c.refreshed = now
		f = c.join(ctx)
	}
	c.mu.Unlock()
	if f != nil {
		_, _ = f.wait(ctx)
	}
}

// counts reports whether the cached value may be used at all; c.mu is held.
func (c *Cache[T]) counts() bool {
	return c.cached && (c.policy.OutageFor == 0 || Within(c.fetched, c.policy.OutageFor))
}

// join returns the fetch in progress, or starts one; c.mu is held. The fetch belongs to all who wait for it, so it does not
// end with the one who happened to start it.
func (c *Cache[T]) join(ctx context.Context) *flight[T] {
	if c.flight != nil {
		return c.flight
	}
	f := &flight[T]{began: Now(), done: make(chan struct{})}
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
	defer close(f.done)
	c.flight, c.unusable = nil, nil
	if f.err == nil {
		c.value, c.cached, c.fetched, c.failed = f.value, true, Now(), time.Time{}
		return
	}
	c.failed = Now()
	unavailable, ok := errors.AsType[*UnavailableError](f.err)
	if !ok || !unavailable.Unusable && !(unavailable.Refused && c.policy.Revocable) {
		return
	}
	// An old value would hide that the secret was changed to something that can't be used, or taken away.
	var none T
	c.value, c.cached = none, false
	if unavailable.Unusable {
		c.unusable = f.err
	}
}

func (f *flight[T]) wait(ctx context.Context) (T, error) {
	select {
	case <-f.done:
		return f.value, f.err
	case <-ctx.Done():
		var none T
		return none, &UnavailableError{Reason: "Secrets Manager did not answer in time"}
	}
}
