package apikey_test

import (
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestForbidden(t *testing.T) {
	type step struct {
		key      string
		chat     int64 // 0: the key works
		rejected bool
	}
	for _, tc := range []struct {
		name  string
		steps []step
	}{
		{"one chat, again and again", []step{{"a", 1, false}, {"a", 1, false}, {"a", 1, false}}},
		{"two chats", []step{{"a", 1, false}, {"a", 2, true}}},
		{"then every chat, the first among them", []step{{"a", 1, false}, {"a", 2, true}, {"a", 1, true}, {"a", 2, true}, {"a", 3, true}}},
		{"accepted in between", []step{{"a", 1, false}, {"a", 0, false}, {"a", 2, false}, {"a", 0, false}, {"a", 1, false}}},
		{"accepted before both", []step{{"a", 0, false}, {"a", 1, false}, {"a", 2, true}}},
		{"accepted after both", []step{{"a", 1, false}, {"a", 2, true}, {"a", 0, false}, {"a", 2, false}, {"a", 1, true}}},
		{"another key accepted in between", []step{{"a", 1, false}, {"b", 0, false}, {"a", 2, true}}},
		{"one chat with each of two keys", []step{{"a", 1, false}, {"b", 2, false}, {"a", 1, false}, {"b", 2, false}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			k := newKeys(&vault{value: "a"})
			for i, s := range tc.steps {
				if s.chat == 0 {
					k.Works(s.key)
				} else if got := k.Forbidden(s.key, s.chat); got != s.rejected {
					t.Errorf("step %d: chat %d with key %s rejects it: %v, want %v", i+1, s.chat, s.key, got, s.rejected)
				}
			}
		})
	}
}

// TestForbiddenDoesNotExpire: the contract names acceptance as the only end, and an idle environment has none.
func TestForbiddenDoesNotExpire(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		k := newKeys(&vault{value: "a"})
		k.Forbidden("a", 1)
		time.Sleep(10 * time.Hour)
		if !k.Forbidden("a", 2) {
			t.Error("the first refusal was forgotten")
		}
	})
}

func TestForbiddenAtOnce(t *testing.T) {
	k := newKeys(&vault{value: "a"})
	var all sync.WaitGroup
	var mu sync.Mutex
	alone := 0
	for chat := range int64(50) {
		all.Go(func() {
			if !k.Forbidden("a", chat) {
				mu.Lock()
				defer mu.Unlock()
				alone++
			}
		})
	}
	all.Wait()
	if alone != 1 {
		t.Errorf("%d of 50 chats were taken for the only one", alone)
	}
}

// TestForbiddenOfManyKeys: many keys in one environment forget the oldest ones, and the key in use still counts.
func TestForbiddenOfManyKeys(t *testing.T) {
	k := newKeys(&vault{value: "a"})
	for n := range 1000 {
		k.Forbidden(fmt.Sprint("old ", n), 1)
	}
	if k.Forbidden("a", 1) || !k.Forbidden("a", 2) {
		t.Error("the key in use is not judged by its own chats")
	}
}
