package apikey_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"helpcrunch-mark-read/shared/apikey"
	"helpcrunch-mark-read/shared/secret"
)

// vault is the secret; its fields are changed between calls only.
type vault struct {
	mu    sync.Mutex
	value string
	err   error
	takes time.Duration
	asked int
}

func (v *vault) fetch(context.Context) (string, error) {
	v.mu.Lock()
	v.asked++
	takes := v.takes
	v.mu.Unlock()
	time.Sleep(takes)
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.value, v.err
}

func (v *vault) set(value string, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.value, v.err = value, err
}

func (v *vault) wantAsked(t *testing.T, n int) {
	t.Helper()
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.asked != n {
		t.Errorf("Secrets Manager was asked %d times, want %d", v.asked, n)
	}
}

func newKeys(v *vault) *apikey.Keys { return apikey.New(v.fetch, 5*time.Minute) }

func wantKey(t *testing.T, k *apikey.Keys, want string) {
	t.Helper()
	if key, err := k.Key(t.Context()); key != want || err != nil {
		t.Errorf("Key = %q, %v; want %q", key, err, want)
	}
}

func wantNone(t *testing.T, k *apikey.Keys) {
	t.Helper()
	if key, err := k.Key(t.Context()); key != "" || !errors.Is(err, apikey.ErrRejected) {
		t.Errorf("Key = %q, %v; want ErrRejected", key, err)
	}
}

// wantRejected reports a rejection and wants another key, or none where want is empty.
func wantRejected(t *testing.T, k *apikey.Keys, key, want string) {
	t.Helper()
	another, ok := k.Rejected(t.Context(), key)
	if ok != (want != "") || ok && another != want {
		t.Errorf("Rejected(%s) = %q, %v; want %q", key, another, ok, want)
	}
}

func TestARotatedKeyIsTriedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vault{value: "old"}
		k := newKeys(v)
		wantKey(t, k, "old")
		v.set("new", nil)
		wantRejected(t, k, "old", "new")
		wantKey(t, k, "new")
		v.wantAsked(t, 2)
		wantRejected(t, k, "old", "new") // a straggler
		v.wantAsked(t, 2)
	})
}

// TestTwoRotationsInARow: the refresh of a moment ago was about another key.
func TestTwoRotationsInARow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vault{value: "one"}
		k := newKeys(v)
		wantKey(t, k, "one")
		v.set("two", nil)
		wantRejected(t, k, "one", "two")
		k.Works("two")
		time.Sleep(time.Second)
		v.set("three", nil)
		wantRejected(t, k, "two", "three")
		wantKey(t, k, "three")
		v.wantAsked(t, 3)
	})
}

func TestARejectedKeyIsRemembered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vault{value: "bad"}
		k := newKeys(v)
		wantKey(t, k, "bad")
		wantRejected(t, k, "bad", "")
		v.wantAsked(t, 2) // fetched once more
		for range 29 {
			time.Sleep(time.Second)
			wantNone(t, k)
		}
		v.wantAsked(t, 2)
		time.Sleep(2 * time.Second)
		wantNone(t, k)
		v.wantAsked(t, 3)
		v.set("good", nil)
		time.Sleep(31 * time.Second)
		wantKey(t, k, "good")
	})
}

// TestARejectedKeyIsProbed: HelpCrunch is called with it once in five minutes, in case the refusal was the mistake.
func TestARejectedKeyIsProbed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vault{value: "bad"}
		k := newKeys(v)
		wantKey(t, k, "bad")
		wantRejected(t, k, "bad", "")
		var probes []time.Duration
		started := time.Now()
		for range 16 * 60 {
			time.Sleep(time.Second)
			if key, err := k.Key(t.Context()); err == nil {
				probes = append(probes, time.Since(started))
				wantRejected(t, k, key, "")
			}
		}
		if len(probes) != 3 || probes[0] != 5*time.Minute || probes[1] != 10*time.Minute {
			t.Errorf("probed after %v", probes)
		}
		if v.asked > 2+16*2 {
			t.Errorf("Secrets Manager was asked %d times in 16 minutes", v.asked)
		}
		time.Sleep(5 * time.Minute)
		wantKey(t, k, "bad")
		k.Works("bad")
		wantKey(t, k, "bad")
		wantKey(t, k, "bad")
	})
}

// TestALateSuccessProvesNothing: an answer to a call that started before the rejection can arrive after it.
func TestALateSuccessProvesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newKeys(&vault{value: "revoked"})
		wantKey(t, k, "revoked")
		wantRejected(t, k, "revoked", "")
		k.Works("revoked")
		wantNone(t, k)
	})
}

func TestManyRejectionsAtOnceFetchOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vault{value: "old", takes: 100 * time.Millisecond}
		k := newKeys(v)
		wantKey(t, k, "old")
		v.set("new", nil)
		var all sync.WaitGroup
		for range 100 {
			all.Go(func() { wantRejected(t, k, "old", "new") })
		}
		all.Wait()
		v.wantAsked(t, 2)
	})
}

func TestWhoAsksDuringTheFetchWaitsForTheNewKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vault{value: "old", takes: 100 * time.Millisecond}
		k := newKeys(v)
		wantKey(t, k, "old")
		v.set("new", nil)
		var all sync.WaitGroup
		all.Go(func() { wantRejected(t, k, "old", "new") })
		synctest.Wait() // the rejection is recorded and the fetch under way
		for range 100 {
			all.Go(func() { wantKey(t, k, "new") })
		}
		all.Wait()
		v.wantAsked(t, 2)
	})
}

func TestManyRejectionsOfTheOnlyKey(t *testing.T) {
	for _, takes := range []time.Duration{0, 100 * time.Millisecond} {
		synctest.Test(t, func(t *testing.T) {
			v := &vault{value: "bad", takes: takes}
			k := newKeys(v)
			wantKey(t, k, "bad")
			var all sync.WaitGroup
			for range 100 {
				all.Go(func() {
					wantRejected(t, k, "bad", "")
					wantNone(t, k)
				})
			}
			all.Wait()
			v.wantAsked(t, 2)
		})
	}
}

func TestWhenAskingForAnotherKeyFailsThereIsNone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vault{value: "old"}
		k := newKeys(v)
		wantKey(t, k, "old")
		v.set("", &secret.UnavailableError{Reason: "down"})
		wantRejected(t, k, "old", "")
		wantNone(t, k)
		v.set("new", nil)
		time.Sleep(31 * time.Second)
		wantKey(t, k, "new")
	})
}

func TestARejectedKeyThatComesBackIsTakenAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vault{value: "one"}
		k := newKeys(v)
		wantKey(t, k, "one")
		v.set("two", nil)
		wantRejected(t, k, "one", "two")
		time.Sleep(time.Hour)
		v.set("one", nil)
		wantRejected(t, k, "two", "") // one is known as rejected
		wantKey(t, k, "one")          // but was so long ago: a probe
		k.Works("one")
		wantKey(t, k, "one")
	})
}

func TestWithoutAReadableSecretThereIsNoKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vault{err: &secret.UnavailableError{Reason: "denied"}}
		k := newKeys(v)
		_, err := k.Key(t.Context())
		var unavailable *secret.UnavailableError
		if !errors.As(err, &unavailable) {
			t.Errorf("error = %v", err)
		}
		v.set("key", nil)
		wantKey(t, k, "key")
	})
}

// TestAShortTTLIsNoStormOnSecretsManager: with a rejected key cached its age does not matter.
func TestAShortTTLIsNoStormOnSecretsManager(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vault{value: "bad"}
		k := apikey.New(v.fetch, time.Nanosecond)
		wantKey(t, k, "bad")
		wantRejected(t, k, "bad", "")
		for range 300 {
			time.Sleep(100 * time.Millisecond)
			wantNone(t, k)
		}
		if v.asked > 3 {
			t.Errorf("Secrets Manager was asked %d times in 30 s", v.asked)
		}
	})
}

func TestConfirm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &vault{value: "old"}
		k := newKeys(v)
		confirm := func(key string, want string, wantErr error) {
			t.Helper()
			if got, err := k.Confirm(t.Context(), key); got != want || !errors.Is(err, wantErr) {
				t.Errorf("Confirm(%s) = %q, %v; want %q, %v", key, got, err, want, wantErr)
			}
		}
		wantKey(t, k, "old")
		confirm("old", "old", nil)
		wantRejected(t, k, "old", "") // in the same moment
		confirm("old", "", apikey.ErrRejected)
		v.set("new", nil)
		time.Sleep(31 * time.Second)
		confirm("old", "new", nil)

		v.set("old", nil)
		wantRejected(t, k, "new", "")
		time.Sleep(5 * time.Minute)
		for range 2 { // a probe is used up by the call, and not by who waits for the gate in vain
			if key, err := k.Key(t.Context()); key != "old" || err != nil {
				t.Errorf("Key = %q, %v, want a probe", key, err)
			}
		}
		confirm("old", "old", nil)
		confirm("old", "", apikey.ErrRejected)
	})
}
