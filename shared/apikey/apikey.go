// Package apikey keeps HelpCrunch's API key: which one to use, and which ones HelpCrunch has rejected.
// Rotation needs no deployment and loses no message; the key's value goes to HelpCrunch and nowhere else.
package apikey

import (
	"context"
	"errors"
	"sync"
	"time"

	"helpcrunch-mark-read/shared/secret"
)

const (
	// refreshEvery is how often Secrets Manager is called for another key while HelpCrunch rejects the cached one.
	refreshEvery = 30 * time.Second
	// probeEvery is how often HelpCrunch is called with a rejected key, in case the refusal was the mistake.
	probeEvery = 5 * time.Minute
)

// ErrRejected reports that HelpCrunch has rejected the only key there is, and that it is not yet time to try it again.
var ErrRejected = errors.New("HelpCrunch has rejected the API key in the secret, and there is no other yet")

// Keys says which key to call HelpCrunch with. It is safe for concurrent use. Its times are the wall clock's.
type Keys struct {
	cache *secret.Cache[string]
	ttl   time.Duration

	mu       sync.Mutex
	rejected map[string]rejection
	latest   string    // the key that was in use when it was rejected, the last of them
	since    time.Time // when that was

	forbidden map[string]forbidden // by key
}

// rejection is what is known of a key that HelpCrunch rejects.
type rejection struct {
	called  time.Time // when HelpCrunch was last called with it
	probing bool      // that call was a probe, and its answer is not known
}

// New returns the Keys of the secret that fetch reads; a key that works is used for ttl before it is read again, and longer
// while Secrets Manager fails.
func New(fetch secret.Fetch[string], ttl time.Duration) *Keys {
	return &Keys{cache: secret.New(fetch, secret.Policy{}), ttl: ttl, rejected: map[string]rejection{}, forbidden: map[string]forbidden{}}
}

// Key returns the key for one call, to be confirmed when the call starts. Its error is ErrRejected or a
// *secret.UnavailableError.
func (k *Keys) Key(ctx context.Context) (string, error) {
	key, err := k.cache.Get(ctx, k.maxAge())
	if err != nil {
		return "", err
	}
	if !k.isRejected(key) {
		return key, nil
	}
	k.cache.Refresh(ctx, secret.Now().Add(-refreshEvery))
	if key, ok := k.cache.Cached(); ok && k.mayCall(key) {
		return key, nil
	}
	return "", ErrRejected
}

// Confirm returns the key again that Key returned, or what Key returns now if it was rejected since: between getting a key
// and calling with it, a call may have to wait. A rejected key is confirmed once in probeEvery, and the call that follows is
// the probe; a key other than the one to be confirmed has to be confirmed in its turn.
func (k *Keys) Confirm(ctx context.Context, key string) (string, error) {
	if k.take(key) {
		return key, nil
	}
	return k.Key(ctx)
}

// Rejected records that HelpCrunch rejected the key, and returns another to be tried at once, if there is one.
func (k *Keys) Rejected(ctx context.Context, key string) (another string, ok bool) {
	// Recorded before another key is looked for, so that no call starts with this one meanwhile.
	since := k.record(key)
	if cached, ok := k.cache.Cached(); !ok || k.isRejected(cached) {
		k.cache.Refresh(ctx, since)
	}
	another, ok = k.cache.Cached()
	return another, ok && !k.isRejected(another)
}

// record records a rejection. It returns the time since when a refresh counts as recent: since the rejection for a key that
// was not the last to be rejected, and for refreshEvery otherwise.
func (k *Keys) record(key string) time.Time {
	cached, _ := k.cache.Cached()
	k.mu.Lock()
	defer k.mu.Unlock()
	now := secret.Now()
	k.rejected[key] = rejection{called: now}
	if key == cached && key != k.latest {
		k.latest, k.since = key, now
	}
	if secret.Within(k.since, refreshEvery) {
		return k.since
	}
	return now.Add(-refreshEvery)
}

// Works records that HelpCrunch accepted the key: an earlier rejection was the mistake. Only a probe can show that; any other
// success with a rejected key is the late answer to a call that started before the rejection.
func (k *Keys) Works(key string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	delete(k.forbidden, key)
	if k.rejected[key].probing {
		delete(k.rejected, key)
	}
}

// maxAge is how old the key may be. A rejected one never counts as too old here: refreshEvery alone decides when another is
// looked for, so that a short ttl does not turn a rejection into a storm on Secrets Manager.
func (k *Keys) maxAge() time.Duration {
	if key, ok := k.cache.Cached(); ok && k.isRejected(key) {
		return time.Duration(1<<63 - 1)
	}
	return k.ttl
}

func (k *Keys) isRejected(key string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	_, yes := k.rejected[key]
	return yes
}

// mayCall reports whether a call with the key could start now.
func (k *Keys) mayCall(key string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	r, rejected := k.rejected[key]
	return !rejected || !secret.Within(r.called, probeEvery)
}

// take reports whether a call with the key starts now, and counts it when the key is a rejected one.
func (k *Keys) take(key string) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	r, rejected := k.rejected[key]
	if !rejected {
		return true
	}
	if secret.Within(r.called, probeEvery) {
		return false
	}
	k.rejected[key] = rejection{called: secret.Now(), probing: true}
	return true
}
