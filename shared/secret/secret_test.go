package secret_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"helpcrunch-mark-read/shared/secret"
)

const ttl = 5 * time.Minute

// vault is a secret with an answer that can be set, and counts the calls. Its methods are safe for concurrent use.
type vault struct {
	mu    sync.Mutex
	value string
	err   error
	takes time.Duration
	asked atomic.Int32
}

func (v *vault) set(value string, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.value, v.err = value, err
}

func (v *vault) fetch(ctx context.Context) (string, error) {
	v.asked.Add(1)
	select {
	case <-time.After(v.takes):
	case <-ctx.Done():
		return "", &secret.UnavailableError{Reason: "slow", Cause: ctx.Err()}
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.value, v.err
}

func (v *vault) wantAsked(t *testing.T, n int32) {
	t.Helper()
	if got := v.asked.Load(); got != n {
		t.Errorf("Secrets Manager was asked %d times, want %d", got, n)
	}
}

func wantValue(t *testing.T, c *secret.Cache[string], want string) {
	t.Helper()
	if got, err := c.Get(t.Context(), ttl); got != want || err != nil {
		t.Errorf("Get = %q, %v; want %q", got, err, want)
	}
}

func wantUnavailable(t *testing.T, c *secret.Cache[string]) {
	t.Helper()
	value, err := c.Get(t.Context(), ttl)
	var unavailable *secret.UnavailableError
	if value != "" || !errors.As(err, &unavailable) || unavailable.Reason == "" {
		t.Errorf("Get = %q, %v; want an *UnavailableError", value, err)
	}
}

var (
	errDown     = &secret.UnavailableError{Reason: "down"}
	errUnusable = &secret.UnavailableError{Reason: "unusable", Unusable: true}
	errRefused  = &secret.UnavailableError{Reason: "refused", Refused: true}
)

func TestTheValueIsCachedForItsTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vault{value: "one"}
		c := secret.New(v.fetch, secret.Policy{})
		v.wantAsked(t, 0)
		wantValue(t, c, "one")
		v.set("two", nil)
		time.Sleep(ttl - 1)
		wantValue(t, c, "one")
		v.wantAsked(t, 1)
		time.Sleep(time.Nanosecond)
		wantValue(t, c, "two")
		v.wantAsked(t, 2)
	})
}

func TestManyCallersFetchOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vault{value: "one", takes: time.Second}
		c := secret.New(v.fetch, secret.Policy{})
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() { wantValue(t, c, "one") })
		}
		all.Wait()
		v.wantAsked(t, 1)
	})
}

func TestFailureWithoutAValueIsNotRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vault{err: errDown}
		c := secret.New(v.fetch, secret.Policy{})
		wantUnavailable(t, c)
		wantUnavailable(t, c)
		v.wantAsked(t, 2)
		v.set("one", nil)
		wantValue(t, c, "one")
	})
}

func TestAnOldValueStaysInUseWhileFetchingFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vault{value: "one"}
		c := secret.New(v.fetch, secret.Policy{})
		wantValue(t, c, "one")
		v.set("", errDown)
		for range 100 { // 50 minutes
			time.Sleep(30 * time.Second)
			wantValue(t, c, "one")
		}
		if asked := v.asked.Load(); asked < 80 || asked > 100 {
			t.Errorf("asked %d times while failing, want about once in 30 s", asked)
		}
		v.set("two", nil)
		time.Sleep(30 * time.Second)
		wantValue(t, c, "two")
	})
}

func TestFailingDoesNotCostEveryCallerAWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vault{value: "one"}
		c := secret.New(v.fetch, secret.Policy{})
		wantValue(t, c, "one")
		v.set("", errDown)
		v.takes = time.Second
		time.Sleep(ttl)
		wantValue(t, c, "one") // waits once
		started := time.Now()
		for range 10 {
			wantValue(t, c, "one")
		}
		if waited := time.Since(started); waited > 0 {
			t.Errorf("callers with a cached value waited %s", waited)
		}
		v.wantAsked(t, 2)
	})
}

// TestAnUnusableNewValueIsUnavailable: the old value would hide the mistake until it stops working.
func TestAnUnusableNewValueIsUnavailable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vault{value: "one"}
		c := secret.New(v.fetch, secret.Policy{})
		wantValue(t, c, "one")
		v.set("", errUnusable)
		time.Sleep(ttl)
		wantUnavailable(t, c)
		wantUnavailable(t, c)
		v.set("", errDown)
		wantUnavailable(t, c)
		v.set("two", nil)
		wantValue(t, c, "two")
	})
}

func TestOneFetchTakesThreeSecondsAtMost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vault{value: "one", takes: time.Hour}
		c := secret.New(v.fetch, secret.Policy{})
		started := time.Now()
		wantUnavailable(t, c)
		if took := time.Since(started); took != 3*time.Second {
			t.Errorf("ended after %s, want 3 s", took)
		}
	})
}

// TestAWaitingCallerGoesWithItsContext: the fetch goes on for the others, also when that caller started it.
func TestAWaitingCallerGoesWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vault{value: "one", takes: 2 * time.Second}
		c := secret.New(v.fetch, secret.Policy{})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var all sync.WaitGroup
		all.Go(func() {
			started := time.Now()
			_, err := c.Get(ctx, ttl)
			var unavailable *secret.UnavailableError
			if !errors.As(err, &unavailable) || time.Since(started) != time.Second {
				t.Errorf("after %s: %v", time.Since(started), err)
			}
		})
		synctest.Wait()
		all.Go(func() { wantValue(t, c, "one") })
		all.Wait()
		v.wantAsked(t, 1)
	})
}

func TestAPanicIsAFailedFetch(t *testing.T) {
	calls := 0
	c := secret.New(func(context.Context) (string, error) {
		if calls++; calls == 1 {
			panic("secret value")
		}
		return "one", nil
	}, secret.Policy{})
	_, err := c.Get(t.Context(), ttl)
	if err == nil || err.Error() != "reading the secret panicked" {
		t.Errorf("error = %v", err)
	}
	wantValue(t, c, "one")
}

func TestRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vault{value: "one", takes: time.Second}
		c := secret.New(v.fetch, secret.Policy{})
		wantValue(t, c, "one")
		v.set("two", nil)
		before := time.Now()
		time.Sleep(time.Second)
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() {
				c.Refresh(t.Context(), before)
				if value, ok := c.Cached(); value != "two" || !ok {
					t.Errorf("a caller that waited for the new value has %q", value)
				}
			})
		}
		all.Wait()
		v.wantAsked(t, 2)
		c.Refresh(t.Context(), before) // there was a refresh since
		v.wantAsked(t, 2)

		v.set("", errDown)
		time.Sleep(time.Second)
		c.Refresh(t.Context(), time.Now())
		v.wantAsked(t, 3)
		if value, ok := c.Cached(); value != "two" || !ok {
			t.Errorf("a failed refresh lost the value: %q", value)
		}
	})
}

// TestAFailureIsNotInherited: who joins a fetch that began before it came, and that fails, fetches once itself.
func TestAFailureIsNotInherited(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vault{err: errDown, takes: 2 * time.Second}
		c := secret.New(v.fetch, secret.Policy{})
		var all sync.WaitGroup
		all.Go(func() { wantUnavailable(t, c) })
		time.Sleep(time.Second)
		for range 10 {
			all.Go(func() { wantValue(t, c, "one") })
		}
		time.Sleep(time.Second + 1)
		v.set("one", nil)
		all.Wait()
		v.wantAsked(t, 2)
	})
}

// TestALastingFailureIsMetOnce: the caller's own fetch is its last.
func TestALastingFailureIsMetOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vault{err: errDown, takes: 2 * time.Second}
		c := secret.New(v.fetch, secret.Policy{})
		var all sync.WaitGroup
		all.Go(func() { wantUnavailable(t, c) })
		time.Sleep(time.Second)
		started := time.Now()
		wantUnavailable(t, c)
		if took := time.Since(started); took != 3*time.Second {
			t.Errorf("failed after %s, want the rest of the first fetch and one more", took)
		}
		all.Wait()
		v.wantAsked(t, 2)
	})
}

// TestRefreshDoesNotJoinAnOlderFetch: that one may have read the secret before it changed.
func TestRefreshDoesNotJoinAnOlderFetch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		reads := 0
		c := secret.New(func(context.Context) (string, error) {
			reads++
			value := fmt.Sprint("value ", reads)
			time.Sleep(2 * time.Second)
			return value, nil
		}, secret.Policy{})
		var all sync.WaitGroup
		all.Go(func() { wantValue(t, c, "value 1") })
		time.Sleep(time.Second)
		since := time.Now()
		for range 10 {
			all.Go(func() {
				c.Refresh(t.Context(), since)
				if value, _ := c.Cached(); value != "value 2" {
					t.Errorf("%q after a refresh", value)
				}
			})
		}
		all.Wait()
		if reads != 2 {
			t.Errorf("%d reads", reads)
		}
	})
}

func TestPolicy(t *testing.T) {
	strict := secret.Policy{Revocable: true, OutageFor: time.Hour, UnusableFor: 5 * time.Second}
	for _, tc := range []struct {
		name   string
		policy secret.Policy
		err    *secret.UnavailableError
		after  time.Duration // of the fetch
		usable bool
	}{
		{"an outage, soon", strict, errDown, ttl, true},
		{"an outage, just below the hour", strict, errDown, time.Hour - 1, true},
		{"an outage of an hour", strict, errDown, time.Hour, false},
		{"an outage without a bound", secret.Policy{}, errDown, 1000 * time.Hour, true},
		{"refused", strict, errRefused, ttl, false},
		{"refused, where that does not count", secret.Policy{}, errRefused, 1000 * time.Hour, true},
		{"unusable", strict, errUnusable, ttl, false},
		{"unusable, without a policy", secret.Policy{}, errUnusable, ttl, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				v := &vault{value: "one"}
				c := secret.New(v.fetch, tc.policy)
				wantValue(t, c, "one")
				v.set("", tc.err)
				for started := time.Now(); ; { // callers come all the time
					left := tc.after - time.Since(started)
					time.Sleep(min(left, ttl))
					if left <= ttl {
						break
					}
					wantValue(t, c, "one")
				}
				if tc.usable {
					wantValue(t, c, "one")
				} else {
					wantUnavailable(t, c)
				}
				v.set("two", nil)
				time.Sleep(ttl)
				wantValue(t, c, "two")
			})
		})
	}
}

func TestAnUnusableSecretIsNotReadAllTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vault{err: errUnusable}
		c := secret.New(v.fetch, secret.Policy{UnusableFor: 5 * time.Second})
		for range 50 { // 10 seconds
			wantUnavailable(t, c)
			time.Sleep(200 * time.Millisecond)
		}
		v.wantAsked(t, 2)
		v.set("one", nil)
		wantValue(t, c, "one")
		v.wantAsked(t, 3)
	})
}
