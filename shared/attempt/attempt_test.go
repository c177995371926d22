package attempt_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"helpcrunch-mark-read/shared/apikey"
	"helpcrunch-mark-read/shared/attempt"
	"helpcrunch-mark-read/shared/helpcrunch"
	"helpcrunch-mark-read/shared/mark"
	"helpcrunch-mark-read/shared/outcome"
	"helpcrunch-mark-read/shared/pace"
	"helpcrunch-mark-read/shared/secret"
)

// bench is a Maker whose parts answer as told and write down, in one list, what happened. It is for one attempt at a time.
type bench struct {
	t       *testing.T
	events  []string
	secrets []string // what Secrets Manager gives in turn, the last one again and again; "!" is a failure
	steps   []step   // what HelpCrunch does, call by call
	gate    func(ctx context.Context) error
	calls   int
	limits  []time.Duration // how long each call could have taken
}

type step struct {
	status     int           // 0: broken, -1: no answer in time
	takes      time.Duration // cut by the call's context
	retryAfter time.Duration
}

func (b *bench) fetch(context.Context) (string, error) {
	b.events = append(b.events, "fetch")
	value := b.secrets[0]
	if len(b.secrets) > 1 {
		b.secrets = b.secrets[1:]
	}
	if value == "!" {
		return "", &secret.UnavailableError{Reason: "down"}
	}
	return value, nil
}

func (b *bench) Mark(ctx context.Context, key string, _ mark.Mark) (*helpcrunch.Answer, error) {
	b.events = append(b.events, "call "+key)
	deadline, _ := ctx.Deadline()
	b.limits = append(b.limits, time.Until(deadline))
	s := b.steps[min(b.calls, len(b.steps)-1)]
	b.calls++
	select {
	case <-time.After(s.takes):
	case <-ctx.Done():
		return nil, &helpcrunch.NoAnswerError{Timeout: true, Reason: "late"}
	}
	switch s.status {
	case 0:
		return nil, &helpcrunch.NoAnswerError{Reason: "broken"}
	case -1:
		return nil, &helpcrunch.NoAnswerError{Timeout: true, Reason: "late"}
	}
	return &helpcrunch.Answer{Status: s.status, RetryAfter: s.retryAfter, Complete: true}, nil
}

func (b *bench) Enter(ctx context.Context) error {
	b.events = append(b.events, "enter")
	if b.gate == nil {
		return nil
	}
	return b.gate(ctx)
}

func (b *bench) Throttled(time.Time, time.Duration) { b.events = append(b.events, "throttled") }
func (b *bench) Answered(time.Time)                 { b.events = append(b.events, "answered") }

// do makes one attempt, which has nine and a half seconds.
func (b *bench) do(m *attempt.Maker) (attempt.Result, error) {
	ctx, cancel := context.WithTimeout(b.t.Context(), 9500*time.Millisecond)
	defer cancel()
	return m.Do(ctx, mark.Mark{ID: 1, Reader: mark.Agent, Read: true}, b)
}

func (b *bench) maker() *attempt.Maker {
	return &attempt.Maker{
		Keys: apikey.New(b.fetch, time.Minute), HelpCrunch: b,
		MaxCall: 8 * time.Second, OneMoreTry: true,
	}
}

func TestSequences(t *testing.T) {
	for _, tc := range []struct {
		name    string
		secrets []string
		steps   []step
		want    outcome.Outcome
		events  string
	}{
		{"applied", []string{"k"}, []step{{status: 200}}, outcome.Applied, "fetch, enter, call k, answered"},
		{"no key", []string{"!"}, nil, outcome.KeyUnavailable, "fetch"},
		{"not found", []string{"k"}, []step{{status: 410}}, outcome.Unexpected, "fetch, enter, call k, answered"},

		{"401, the same key", []string{"k"}, []step{{status: 401}}, outcome.KeyRejected,
			"fetch, enter, call k, answered, fetch"},
		{"401, no secret", []string{"k", "!"}, []step{{status: 401}}, outcome.KeyRejected,
			"fetch, enter, call k, answered, fetch"},
		{"401, a rotated key", []string{"k", "new"}, []step{{status: 401}, {status: 200}}, outcome.Applied,
			"fetch, enter, call k, answered, fetch, enter, call new, answered"},
		{"403, a rotated key", []string{"k", "new"}, []step{{status: 403}, {status: 200}}, outcome.Applied,
			"fetch, enter, call k, answered, fetch, enter, call new, answered"},
		{"401, a rotated key, 401", []string{"k", "new"}, []step{{status: 401}}, outcome.KeyRejected,
			"fetch, enter, call k, answered, fetch, enter, call new, answered, fetch"},

		{"broken, then applied", []string{"k"}, []step{{}, {status: 200}}, outcome.Applied,
			"fetch, enter, call k, enter, call k, answered"},
		{"broken twice", []string{"k"}, []step{{}}, outcome.Unavailable, "fetch, enter, call k, enter, call k"},
		{"502, then applied", []string{"k"}, []step{{status: 502}, {status: 200}}, outcome.Applied,
			"fetch, enter, call k, answered, enter, call k, answered"},
		{"503, then 404", []string{"k"}, []step{{status: 503}, {status: 404}}, outcome.Unexpected,
			"fetch, enter, call k, answered, enter, call k, answered"},
		{"504 twice", []string{"k"}, []step{{status: 504}}, outcome.Unavailable,
			"fetch, enter, call k, answered, enter, call k, answered"},
		{"500", []string{"k"}, []step{{status: 500}}, outcome.Unavailable, "fetch, enter, call k, answered"},
		{"429", []string{"k"}, []step{{status: 429}}, outcome.RateLimited, "fetch, enter, call k, throttled"},
		{"timeout", []string{"k"}, []step{{status: -1}}, outcome.TimedOut, "fetch, enter, call k"},
		{"broken, then 429", []string{"k"}, []step{{}, {status: 429}}, outcome.RateLimited,
			"fetch, enter, call k, enter, call k, throttled"},

		{"three calls: broken, 401, rotated key, broken", []string{"k", "new"}, []step{{}, {status: 401}, {}}, outcome.Unavailable,
			"fetch, enter, call k, enter, call k, answered, fetch, enter, call new"},
		{"three calls: 401, rotated key, broken, 401", []string{"k", "new", "newer"}, []step{{status: 401}, {}, {status: 401}}, outcome.KeyRejected,
			"fetch, enter, call k, answered, fetch, enter, call new, enter, call new, answered, fetch"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				for i := range tc.steps {
					tc.steps[i].takes = 10 * time.Millisecond
				}
				b := &bench{t: t, secrets: tc.secrets, steps: tc.steps}
				r, err := b.do(b.maker())
				if err != nil || r.Outcome != tc.want {
					t.Errorf("outcome %s, %v; want %s", r.Outcome, err, tc.want)
				}
				if got := strings.Join(b.events, ", "); got != tc.events {
					t.Errorf("what happened: %s\nwant: %s", got, tc.events)
				}
				if r.Calls != b.calls || r.Upstream != time.Duration(b.calls)*10*time.Millisecond {
					t.Errorf("told %d calls that took %s, made %d", r.Calls, r.Upstream, b.calls)
				}
			})
		})
	}
}

func TestOneMoreTry(t *testing.T) {
	for _, tc := range []struct {
		name  string
		steps []step
		calls int
		took  time.Duration
	}{
		{"after a breath", []step{{}, {status: 200}}, 2, 200 * time.Millisecond},
		{"after what Retry-After asks for", []step{{status: 503, retryAfter: 2 * time.Second}, {status: 200}}, 2, 2200 * time.Millisecond},
		{"not when Retry-After asks for too much", []step{{status: 503, retryAfter: 9 * time.Second}}, 1, 0},
		{"just in time", []step{{status: 503, takes: 7 * time.Second, retryAfter: 1300 * time.Millisecond}, {status: 200}}, 2, 8500 * time.Millisecond},
		{"not a moment later", []step{{status: 503, takes: 7 * time.Second, retryAfter: 1301 * time.Millisecond}}, 1, 7 * time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &bench{t: t, secrets: []string{"k"}, steps: tc.steps}
				started := time.Now()
				if _, err := b.do(b.maker()); err != nil {
					t.Fatal(err)
				}
				if b.calls != tc.calls || time.Since(started) != tc.took {
					t.Errorf("%d calls in %s, want %d in %s", b.calls, time.Since(started), tc.calls, tc.took)
				}
			})
		})
	}
	t.Run("none where it is not asked for", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			b := &bench{t: t, secrets: []string{"k"}, steps: []step{{status: 503}}}
			m := b.maker()
			m.OneMoreTry = false
			if r, _ := b.do(m); r.Calls != 1 || r.Outcome != outcome.Unavailable {
				t.Errorf("%d calls, %s", r.Calls, r.Outcome)
			}
		})
	})
}

func TestTimeOfACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bench{t: t, secrets: []string{"k"}, steps: []step{{status: 503, takes: 5 * time.Second}, {takes: time.Hour}}}
		started := time.Now()
		r, _ := b.do(b.maker())
		if r.Outcome != outcome.TimedOut || time.Since(started) != 9500*time.Millisecond {
			t.Errorf("%s after %s", r.Outcome, time.Since(started))
		}
		if want := []time.Duration{8 * time.Second, 4300 * time.Millisecond}; !slices.Equal(b.limits, want) {
			t.Errorf("the calls could take %v, want %v", b.limits, want)
		}
	})
}

func TestTheGateRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bench{t: t, secrets: []string{"k"}, steps: []step{{status: 200}}}
		b.gate = func(context.Context) error { return &pace.PausedError{Until: time.Now().Add(17 * time.Second)} }
		r, err := b.do(b.maker())
		if err != nil || r.Outcome != outcome.RateLimited || r.RetryAfter != 17*time.Second || r.Answer != nil || b.calls != 0 {
			t.Errorf("paused: %+v, %v, %d calls", r, err, b.calls)
		}
		b.gate = func(context.Context) error { return pace.ErrNoTime }
		if _, err := b.do(b.maker()); !errors.Is(err, pace.ErrNoTime) || b.calls != 0 {
			t.Errorf("no time: %v, %d calls", err, b.calls)
		}
	})
}

// TestAKeyRejectedBehindTheGateIsNotUsed: while one call waits for its turn, another one learns that the key is revoked.
func TestAKeyRejectedBehindTheGateIsNotUsed(t *testing.T) {
	for name, tc := range map[string]struct {
		secrets []string
		want    outcome.Outcome
		calls   string
	}{
		"another key": {[]string{"old", "new"}, outcome.Applied, "call new"},
		"no other":    {[]string{"old"}, outcome.KeyRejected, ""},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := &bench{t: t, secrets: tc.secrets, steps: []step{{status: 200}}}
				m := b.maker()
				b.gate = func(ctx context.Context) error {
					time.Sleep(time.Second)
					m.Keys.Rejected(ctx, "old")
					return nil
				}
				r, err := b.do(m)
				calls := strings.Join(slices.DeleteFunc(b.events, func(e string) bool { return !strings.HasPrefix(e, "call") }), ", ")
				if err != nil || r.Outcome != tc.want || calls != tc.calls {
					t.Errorf("%s, %v, calls: %q; want %s, %q", r.Outcome, err, calls, tc.want, tc.calls)
				}
			})
		})
	}
}

// TestWhoLookedForAnotherKeyAsksTheGateAgain: by then the time can be over, or a pause begun.
func TestWhoLookedForAnotherKeyAsksTheGateAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bench{t: t, secrets: []string{"old", "new"}, steps: []step{{status: 200}}}
		m := b.maker()
		entered := 0
		b.gate = func(ctx context.Context) error {
			if entered++; entered > 1 {
				return pace.ErrNoTime
			}
			m.Keys.Rejected(ctx, "old")
			return nil
		}
		if _, err := b.do(m); !errors.Is(err, pace.ErrNoTime) || b.calls != 0 {
			t.Errorf("%v, %d calls", err, b.calls)
		}
	})
}

// TestAProbeThatWorksEndsTheRejection: also an answer about the mark shows that HelpCrunch took the key.
func TestAProbeThatWorksEndsTheRejection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &bench{t: t, secrets: []string{"k"}, steps: []step{{status: 401}, {status: 400}, {status: 200}}}
		m := b.maker()
		for _, tc := range []struct {
			after time.Duration
			want  outcome.Outcome
			calls int // so far
		}{
			{0, outcome.KeyRejected, 1},
			{time.Minute, outcome.KeyRejected, 1},
			{4 * time.Minute, outcome.InvalidRequest, 2},
			{0, outcome.Applied, 3},
		} {
			time.Sleep(tc.after)
			if r, err := b.do(m); err != nil || r.Outcome != tc.want || b.calls != tc.calls {
				t.Errorf("%s, %v, %d calls; want %s, %d", r.Outcome, err, b.calls, tc.want, tc.calls)
			}
		}
	})
}
