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

// harness is a Maker whose parts answer as set and write down, in one list, what happened. It is for one attempt at a time.
type harness struct {
	t       *testing.T
	events  []string
	secrets []string // what Secrets Manager returns in turn, the last one again and again; "!" is a failure
	steps   []step   // what HelpCrunch does, call by call
	gate    func(ctx context.Context) error
	calls   int
	limits  []time.Duration // how long each call could have taken
	needs   []time.Duration // what each turn was asked to leave
	marks   []mark.Mark     // as HelpCrunch was called
}

type step struct {
	status     int           // 0: broken, -1: no answer in time
	takes      time.Duration // cut by the call's context
	retryAfter time.Duration
	body       string
}

func (h *harness) fetch(context.Context) (string, error) {
	h.events = append(h.events, "fetch")
	value := h.secrets[0]
	if len(h.secrets) > 1 {
		h.secrets = h.secrets[1:]
	}
	if value == "!" {
		return "", &secret.UnavailableError{Reason: "down"}
	}
	return value, nil
}

func (h *harness) Mark(ctx context.Context, key string, m mark.Mark) (*helpcrunch.Answer, error) {
	h.marks = append(h.marks, m)
	h.events = append(h.events, "call "+key)
	deadline, _ := ctx.Deadline()
	h.limits = append(h.limits, time.Until(deadline))
	s := h.steps[min(h.calls, len(h.steps)-1)]
	h.calls++
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
	return &helpcrunch.Answer{Status: s.status, RetryAfter: s.retryAfter, Complete: true, Body: []byte(s.body)}, nil
}

func (h *harness) EnterExtra(ctx context.Context, _ time.Duration) error {
	h.events = append(h.events, "extra")
	if h.gate == nil {
		return nil
	}
	return h.gate(ctx)
}

func (h *harness) Enter(ctx context.Context, need time.Duration) error {
	h.needs = append(h.needs, need)
	h.events = append(h.events, "enter")
	if h.gate == nil {
		return nil
	}
	return h.gate(ctx)
}

func (h *harness) Throttled(time.Time, time.Duration) { h.events = append(h.events, "throttled") }
func (h *harness) Answered(time.Time)                 { h.events = append(h.events, "answered") }

// do makes one attempt, which has nine and a half seconds.
func (h *harness) do(m *attempt.Maker) (attempt.Result, error) {
	return h.doMark(m, mark.Mark{ID: 1, Reader: mark.Agent, Read: true})
}

func (h *harness) doMark(m *attempt.Maker, wanted mark.Mark) (attempt.Result, error) {
	ctx, cancel := context.WithTimeout(h.t.Context(), 9500*time.Millisecond)
	defer cancel()
	return m.Do(ctx, wanted, h)
}

func (h *harness) maker() *attempt.Maker {
	return &attempt.Maker{
		Keys: apikey.New(h.fetch, time.Minute), HelpCrunch: h,
		MaxCall: 8 * time.Second, StartLate: true, RetryOnce: true,
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
		{"403 of one chat", []string{"k", "new"}, []step{{status: 403}, {status: 200}}, outcome.Unexpected,
			"fetch, enter, call k, answered"},
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
				h := &harness{t: t, secrets: tc.secrets, steps: tc.steps}
				r, err := h.do(h.maker())
				if err != nil || r.Outcome != tc.want {
					t.Errorf("outcome %s, %v; want %s", r.Outcome, err, tc.want)
				}
				if got := strings.Join(h.events, ", "); got != tc.events {
					t.Errorf("what happened: %s\nwant: %s", got, tc.events)
				}
				if r.Calls != h.calls || r.Upstream != time.Duration(h.calls)*10*time.Millisecond {
					t.Errorf("reported %d calls that took %s, made %d", r.Calls, r.Upstream, h.calls)
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
				h := &harness{t: t, secrets: []string{"k"}, steps: tc.steps}
				started := time.Now()
				if _, err := h.do(h.maker()); err != nil {
					t.Fatal(err)
				}
				if h.calls != tc.calls || time.Since(started) != tc.took {
					t.Errorf("%d calls in %s, want %d in %s", h.calls, time.Since(started), tc.calls, tc.took)
				}
			})
		})
	}
	t.Run("none where it is not asked for", func(t *testing.T) {
		synctest.Test(t, func(t *testing.T) {
			h := &harness{t: t, secrets: []string{"k"}, steps: []step{{status: 503}}}
			m := h.maker()
			m.RetryOnce = false
			if r, _ := h.do(m); r.Calls != 1 || r.Outcome != outcome.Unavailable {
				t.Errorf("%d calls, %s", r.Calls, r.Outcome)
			}
		})
	})
}

func TestTimeOfACall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &harness{t: t, secrets: []string{"k"}, steps: []step{{status: 503, takes: 5 * time.Second}, {takes: time.Hour}}}
		started := time.Now()
		r, _ := h.do(h.maker())
		if r.Outcome != outcome.TimedOut || time.Since(started) != 9500*time.Millisecond {
			t.Errorf("%s after %s", r.Outcome, time.Since(started))
		}
		if want := []time.Duration{8 * time.Second, 4300 * time.Millisecond}; !slices.Equal(h.limits, want) {
			t.Errorf("the calls could take %v, want %v", h.limits, want)
		}
	})
}

func TestTheGateRefuses(t *testing.T) {
	for name, refusal := range map[string]error{
		"paused": &pace.PausedError{Until: time.Now().Add(17 * time.Second)}, "no time": pace.ErrNoTime, "no turn": &pace.TurnError{},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := &harness{t: t, secrets: []string{"k"}, steps: []step{{status: 200}}}
				h.gate = func(context.Context) error { return refusal }
				if r, err := h.do(h.maker()); err != refusal || r.Calls != 0 || h.calls != 0 || r.Row != nil {
					t.Errorf("%+v, %v, %d calls", r, err, h.calls)
				}
			})
		})
	}
}

// TestWaitingOutA429: the gate waits, and its refusal leaves the verdict of the last call.
func TestWaitingOutA429(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &harness{t: t, secrets: []string{"k"}, steps: []step{{status: 429}, {status: 429}, {status: 200}}}
		m := h.maker()
		m.WaitOut = true
		if r, err := h.do(m); err != nil || r.Outcome != outcome.Applied || r.Calls != 3 {
			t.Errorf("%s, %v, %d calls", r.Outcome, err, r.Calls)
		}
		h.calls = 0
		h.gate = func(context.Context) error {
			if h.calls == 2 {
				return pace.ErrNoTime
			}
			return nil
		}
		if r, err := h.do(m); !errors.Is(err, pace.ErrNoTime) || r.Outcome != outcome.RateLimited || r.Calls != 2 {
			t.Errorf("%s, %v, %d calls", r.Outcome, err, r.Calls)
		}
	})
}

// TestASecondChatThatIsForbiddenRejectsTheKey, and one that the key works for takes the first refusal back.
func TestASecondChatThatIsForbiddenRejectsTheKey(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &harness{t: t, secrets: []string{"k"}, steps: []step{{status: 403}, {status: 200}, {status: 403}, {status: 403}}}
		m := h.maker()
		for i, want := range []struct {
			chat    int64
			outcome outcome.Outcome
		}{{1, outcome.Unexpected}, {2, outcome.Applied}, {3, outcome.Unexpected}, {1, outcome.KeyRejected}, {4, outcome.KeyRejected}} {
			if r, err := h.doMark(m, mark.Mark{ID: want.chat, Reader: mark.Agent}); err != nil || r.Outcome != want.outcome {
				t.Errorf("attempt %d: %s, %v; want %s", i+1, r.Outcome, err, want.outcome)
			}
		}
		if h.calls != 4 {
			t.Errorf("%d calls: a rejected key must not be called with", h.calls)
		}
	})
}

// chat is an answer of HelpCrunch's in which the customer wrote at second 100.
const chat = `{"id":1,"readByAgent":true,"lastCustomerMessageAt":100,"lastMessageAt":100}`

func TestAnOvertakenMark(t *testing.T) {
	bounded := mark.Mark{ID: 1, Reader: mark.Agent, Read: true, AsOf: mark.Bound{Set: true, Seconds: 99}}
	read := func(m mark.Mark, change func(*mark.Mark)) mark.Mark { change(&m); return m }
	for _, tc := range []struct {
		name      string
		wanted    mark.Mark
		restores  bool
		steps     []step
		want      outcome.Outcome
		overtaken bool
		reads     []bool // what HelpCrunch was asked for, call by call
	}{
		{"newer, not restored", bounded, false, []step{{status: 200, body: chat}}, outcome.Applied, true, []bool{true}},
		{"newer, restored", bounded, true, []step{{status: 200, body: chat}, {status: 200, body: `{"id":1,"readByAgent":false}`}}, outcome.Applied, true, []bool{true, false}},
		{"the same second", read(bounded, func(m *mark.Mark) { m.AsOf.Seconds = 100 }), true, []step{{status: 200, body: chat}}, outcome.Applied, false, []bool{true}},
		{"no bound", read(bounded, func(m *mark.Mark) { m.AsOf = mark.Bound{} }), true, []step{{status: 200, body: chat}}, outcome.Applied, false, []bool{true}},
		{"an unread", read(bounded, func(m *mark.Mark) { m.Read = false }), true, []step{{status: 200, body: strings.Replace(chat, "true", "false", 1)}}, outcome.Applied, false, []bool{false}},
		{"a chat that cannot be read", bounded, true, []step{{status: 200, body: "{"}}, outcome.Applied, false, []bool{true}},
		{"the restoring call fails", bounded, true, []step{{status: 200, body: chat}, {status: 503}}, outcome.Unavailable, true, []bool{true, false}},
		{"the restoring call is throttled", bounded, true, []step{{status: 200, body: chat}, {status: 429}}, outcome.RateLimited, true, []bool{true, false}},
		{"the restoring call is late", bounded, true, []step{{status: 200, body: chat}, {status: -1}}, outcome.TimedOut, true, []bool{true, false}},
		{"the restoring call is refused", bounded, true, []step{{status: 200, body: chat}, {status: 401}}, outcome.KeyRejected, true, []bool{true, false}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := &harness{t: t, secrets: []string{"k"}, steps: tc.steps}
				m := h.maker()
				m.RestoreUnread, m.WaitOut, m.StartLate = tc.restores, true, false
				r, err := h.doMark(m, tc.wanted)
				if err != nil || r.Outcome != tc.want || r.Overtaken != tc.overtaken || r.Calls != len(tc.reads) || r.NotApplied {
					t.Errorf("%s, %v, overtaken %v, not applied %v, %d calls", r.Outcome, err, r.Overtaken, r.NotApplied, r.Calls)
				}
				var reads []bool
				for _, m := range h.marks {
					reads = append(reads, m.Read)
				}
				if !slices.Equal(reads, tc.reads) {
					t.Errorf("HelpCrunch was asked for %v, want %v", reads, tc.reads)
				}
				need := 2 * time.Second
				if tc.restores && tc.wanted.Read && tc.wanted.AsOf.Set {
					need = 5 * time.Second // and the queue function keeps another second for itself
				}
				if h.needs[0] != need || len(h.needs) != 1 {
					t.Errorf("the turns were asked for %v, want one with %s left", h.needs, need)
				}
			})
		})
	}
}

// TestAFlagThatIsNotTheOneAskedFor is reported beside the outcome, which stays applied.
func TestAFlagThatIsNotTheOneAskedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for body, want := range map[string]bool{`{"id":1,"readByAgent":false}`: true, `{"id":1,"readByAgent":true}`: false, `{"id":1}`: false, "": false} {
			h := &harness{t: t, secrets: []string{"k"}, steps: []step{{status: 200, body: body}}}
			if r, err := h.do(h.maker()); err != nil || r.Outcome != outcome.Applied || r.NotApplied != want {
				t.Errorf("%s: %s, %v, not applied %v", body, r.Outcome, err, r.NotApplied)
			}
		}
	})
}

// TestARestoringCallThatCannotStart: what keeps it from starting is the attempt's outcome.
func TestARestoringCallThatCannotStart(t *testing.T) {
	for name, tc := range map[string]struct {
		refusal error
		want    outcome.Outcome
	}{
		"a pause": {&pace.PausedError{Until: time.Now().Add(time.Hour)}, outcome.RateLimited},
		"no time": {pace.ErrNoTime, outcome.TimedOut},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := &harness{t: t, secrets: []string{"k"}, steps: []step{{status: 200, body: chat}}}
				h.gate = func(context.Context) error {
					if h.calls == 1 {
						return tc.refusal
					}
					return nil
				}
				m := h.maker()
				m.RestoreUnread = true
				r, err := h.doMark(m, mark.Mark{ID: 1, Reader: mark.Agent, Read: true, AsOf: mark.Bound{Set: true}})
				if err != nil || r.Outcome != tc.want || !r.Overtaken || r.Calls != 1 {
					t.Errorf("%s, %v, overtaken %v, %d calls", r.Outcome, err, r.Overtaken, r.Calls)
				}
			})
		})
	}
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
				h := &harness{t: t, secrets: tc.secrets, steps: []step{{status: 200}}}
				m := h.maker()
				h.gate = func(ctx context.Context) error {
					time.Sleep(time.Second)
					m.Keys.Rejected(ctx, "old")
					return nil
				}
				r, err := h.do(m)
				calls := strings.Join(slices.DeleteFunc(h.events, func(e string) bool { return !strings.HasPrefix(e, "call") }), ", ")
				if err != nil || r.Outcome != tc.want || calls != tc.calls {
					t.Errorf("%s, %v, calls: %q; want %s, %q", r.Outcome, err, calls, tc.want, tc.calls)
				}
			})
		})
	}
}

// TestTheGateIsAskedAgainAfterAnotherKeyWasFetched: by then the time can be over, or a pause begun.
func TestTheGateIsAskedAgainAfterAnotherKeyWasFetched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &harness{t: t, secrets: []string{"old", "new"}, steps: []step{{status: 200}}}
		m := h.maker()
		entered := 0
		h.gate = func(ctx context.Context) error {
			if entered++; entered > 1 {
				return pace.ErrNoTime
			}
			m.Keys.Rejected(ctx, "old")
			return nil
		}
		if _, err := h.do(m); !errors.Is(err, pace.ErrNoTime) || h.calls != 0 {
			t.Errorf("%v, %d calls", err, h.calls)
		}
	})
}

// TestAProbeThatWorksEndsTheRejection: also an answer about the mark shows that HelpCrunch took the key.
func TestAProbeThatWorksEndsTheRejection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := &harness{t: t, secrets: []string{"k"}, steps: []step{{status: 401}, {status: 400}, {status: 200}}}
		m := h.maker()
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
			if r, err := h.do(m); err != nil || r.Outcome != tc.want || h.calls != tc.calls {
				t.Errorf("%s, %v, %d calls; want %s, %d", r.Outcome, err, h.calls, tc.want, tc.calls)
			}
		}
	})
}
