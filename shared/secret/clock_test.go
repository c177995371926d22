package secret

import (
	"context"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestTheWallClockIsKept: a time with a monotonic reading ("m=") would be compared by a clock that may stand still while
// Lambda keeps an environment frozen.
func TestTheWallClockIsKept(t *testing.T) {
	c := New(func(context.Context) (string, error) { return "one", nil }, Policy{})
	if _, err := c.Get(t.Context(), time.Minute); err != nil {
		t.Fatal(err)
	}
	c.Refresh(t.Context(), time.Now())
	c.fetch = func(context.Context) (string, error) { return "", &UnavailableError{} }
	_, _ = c.Get(t.Context(), 0)
	fields, times := reflect.ValueOf(c).Elem(), 0
	for i := range fields.NumField() {
		if fields.Field(i).Type() != reflect.TypeFor[time.Time]() {
			continue
		}
		times++
		// A monotonic reading sets the highest bit of the first field.
		if wall := fields.Field(i).FieldByName("wall").Uint(); wall>>63 == 1 || wall == 0 {
			t.Errorf("%s has a monotonic reading or none at all", fields.Type().Field(i).Name)
		}
	}
	if times != 3 || strings.Contains(Now().String(), "m=") {
		t.Errorf("%d times; now is %s", times, Now())
	}
}

// TestAClockThatWasSetBack: what then lies ahead of now is over, and measured anew.
func TestAClockThatWasSetBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fetches := 0
		c := New(func(context.Context) (string, error) { fetches++; return "one", nil }, Policy{})
		get := func(want int) {
			t.Helper()
			if _, err := c.Get(t.Context(), time.Minute); err != nil || fetches != want {
				t.Errorf("%d fetches, %v; want %d", fetches, err, want)
			}
		}
		get(1)
		c.fetched = Now().Add(time.Hour)
		get(2)
		get(2)
		c.refreshed = Now().Add(time.Hour)
		for range 3 {
			c.Refresh(t.Context(), Now().Add(-time.Second))
		}
		get(3)
	})
}

func TestWithin(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, tc := range []struct {
			since time.Duration
			want  bool
		}{{0, true}, {time.Minute - 1, true}, {time.Minute, false}, {time.Hour, false}, {-1, false}, {-time.Hour, false}} {
			if got := Within(Now().Add(-tc.since), time.Minute); got != tc.want {
				t.Errorf("%s ago: %v", tc.since, got)
			}
		}
		if Within(time.Time{}, 1<<63-1) {
			t.Error("never is within any time")
		}
	})
}
