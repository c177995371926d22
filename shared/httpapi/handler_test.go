package httpapi_test

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"helpcrunch-mark-read/shared/helpcrunch"
	fake "helpcrunch-mark-read/shared/helpcrunch/helpcrunchtest"
	"helpcrunch-mark-read/shared/httpapi"
	"helpcrunch-mark-read/shared/mark"
)

func TestA429IsRemembered(t *testing.T) {
	for _, tc := range []struct {
		name    string
		headers []string
		seconds int
	}{
		{"without Retry-After", nil, 1},
		{"with seconds", []string{"Retry-After", "20"}, 20},
		{"with a date", []string{"Retry-After", "Sat, 01 Jan 2000 00:00:20 GMT"}, 20}, // where a bubble's clock begins
		{"with a date in the past", []string{"Retry-After", "Fri, 31 Dec 1999 00:00:20 GMT"}, 1},
		{"with nonsense", []string{"Retry-After", "later"}, 1},
		{"with more than an hour", []string{"Retry-After", "86400"}, 3600},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, fake.Answer(429, "", tc.headers...), fake.Answer(200, "{}"))
				h.ask().want(t, 429, "rate_limited")
				pause := time.Duration(tc.seconds) * time.Second
				time.Sleep(pause - 500*time.Millisecond)
				a := h.ask()
				a.want(t, 429, "rate_limited")
				if a.Headers["Retry-After"] != "1" {
					t.Errorf("Retry-After %q half a second before the end", a.Headers["Retry-After"])
				}
				h.wantCalls(1)
				time.Sleep(500 * time.Millisecond)
				if a := h.ask(); a.StatusCode != 200 {
					t.Errorf("after the pause: status %d", a.StatusCode)
				}
				h.wantCalls(2)
			})
		})
	}
}

func TestRetryOnce(t *testing.T) {
	for _, tc := range []struct {
		name   string
		first  http.HandlerFunc
		calls  int
		status int
	}{
		{"broken", fake.Break, 2, 200},
		{"502", fake.Answer(502, ""), 2, 200},
		{"503", fake.Answer(503, "<html>", "Content-Type", "text/html"), 2, 200},
		{"504", fake.Answer(504, ""), 2, 200},
		{"500", fake.Answer(500, ""), 1, 502},
		{"429", fake.Answer(429, ""), 1, 429},
		{"no answer", fake.Hang, 1, 504},
		{"404", fake.Answer(404, ""), 1, 502},
		{"503 with a Retry-After that is too long", fake.Answer(503, "", "Retry-After", "30"), 1, 502},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, tc.first, fake.Answer(200, "{}"))
				if a := h.ask(); a.StatusCode != tc.status {
					t.Errorf("status %d, want %d", a.StatusCode, tc.status)
				}
				h.wantCalls(tc.calls)
			})
		})
	}
}

func TestARotatedKeyIsTriedInTheSameRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "Bearer new" {
				fake.Answer(401, "")(w, r)
				return
			}
			fake.Answer(200, "{}")(w, r)
		})
		h.ask().want(t, 502, "key_rejected")
		h.ask().want(t, 502, "key_rejected")
		h.wantCalls(1)
		h.key.set("new", nil)
		time.Sleep(31 * time.Second)
		if a := h.ask(); a.StatusCode != 200 {
			t.Errorf("status %d", a.StatusCode)
		}
		h.wantCalls(2)
	})
}

// TestTheWholeAnswerTakesTenSecondsAtMost: invoke measures it, whatever hangs. Each of these waits for as long as it may.
func TestTheWholeAnswerTakesTenSecondsAtMost(t *testing.T) {
	for _, tc := range []struct {
		name    string
		answers []http.HandlerFunc
		prepare func(*harness)
		status  int
	}{
		{"HelpCrunch", []http.HandlerFunc{fake.Hang}, nil, 504},
		{"HelpCrunch in its body", []http.HandlerFunc{fake.HangAfter(404, `{"errors":[{"code":"not_found"`)}, nil, 404},
		{"the second try", []http.HandlerFunc{fake.Answer(503, "", "Retry-After", "8"), fake.Hang}, nil, 504},
		{"Secrets Manager", []http.HandlerFunc{fake.Answer(200, "{}")}, func(h *harness) { h.key.takes = time.Hour }, 503},
		{"Secrets Manager, after a 401", []http.HandlerFunc{fake.Answer(401, "")}, func(h *harness) {
			h.askAs("Bearer " + firstToken)
			h.key.takes = time.Hour
			time.Sleep(6 * time.Minute)
		}, 502},
		{"the tokens and then HelpCrunch", []http.HandlerFunc{fake.Hang}, func(h *harness) {
			h.token.takes, h.key.takes = 2900*time.Millisecond, 2900*time.Millisecond
		}, 504},
		{"the queue, after the tokens", []http.HandlerFunc{fake.Hang}, func(h *harness) {
			h.token.takes = 2900 * time.Millisecond
			h.queue.send = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		}, 503},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := withTokens(t, firstToken)
				h.server.Answer(tc.answers...)
				e := load(t, "api_gateway.json").header("authorization", "Bearer "+firstToken)
				if strings.Contains(tc.name, "queue") {
					e.header("prefer", "respond-async")
				}
				if tc.prepare != nil {
					tc.prepare(h)
				}
				if a := h.put(e); a.StatusCode != tc.status {
					t.Errorf("status %d, want %d", a.StatusCode, tc.status)
				}
			})
		})
	}
}

// TestTheStartCountsForTheRequestThatCausedIt: the caller waits for it, too.
func TestTheStartCountsForTheRequestThatCausedIt(t *testing.T) {
	for _, tc := range []struct {
		name        string
		start, idle time.Duration // how long the start took, and how long nothing came after it
		want        time.Duration
	}{
		{"no start", 0, 0, 9500 * time.Millisecond},
		{"at once", 2500 * time.Millisecond, 0, 7 * time.Second},
		{"within a second", 2500 * time.Millisecond, time.Second, 6 * time.Second},
		{"an environment that was started ahead", 2500 * time.Millisecond, 1001 * time.Millisecond, 9500 * time.Millisecond},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, fake.Hang)
				if tc.start > 0 {
					h.ProcessStarted = time.Now()
					time.Sleep(tc.start)
					h.StartEnded = time.Now()
					time.Sleep(tc.idle)
				}
				for _, want := range []time.Duration{tc.want, 9500 * time.Millisecond} { // the second request did not cause the start
					began := time.Now()
					h.ask().want(t, 504, "timed_out")
					if took := time.Since(began); took != want {
						t.Errorf("answered after %s, want %s", took, want)
					}
				}
			})
		})
	}
}

// TestTheFunctionsOwnDeadline: half a second before it the answer is at Lambda, for which waiting ends 100 ms earlier.
func TestTheFunctionsOwnDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, fake.Hang)
		var request httpapi.Request
		payload, _ := json.Marshal(load(t, "api_gateway.json"))
		if err := json.Unmarshal(payload, &request); err != nil {
			t.Fatal(err)
		}
		for _, left := range []time.Duration{5 * time.Second, time.Second, 400 * time.Millisecond} {
			ctx, cancel := context.WithTimeout(t.Context(), left)
			began := time.Now()
			r, err := h.Handle(ctx, request)
			cancel()
			if took := time.Since(began); err != nil || r.StatusCode != 504 && r.StatusCode != 503 || took != max(left-600*time.Millisecond, 0) {
				t.Errorf("with %s: status %d after %s, %v", left, r.StatusCode, took, err)
			}
		}
	})
}

// TestABoundedMarkStartsOnlyWithTimeToRestore: what could not be set back is not set, and a try that could not start is none.
func TestABoundedMarkStartsOnlyWithTimeToRestore(t *testing.T) {
	const bounded, plain = `{"id":1,"read":true,"asOf":1700000000}`, `{"id":1,"read":true}`
	for _, tc := range []struct {
		name     string
		restores bool
		body     string
		left     time.Duration
		answers  []http.HandlerFunc
		status   int
		code     string
		calls    int
	}{
		{"too little time", true, bounded, 5599 * time.Millisecond, []http.HandlerFunc{fake.Answer(200, "{}")}, 504, "timed_out", 0},
		{"just enough", true, bounded, 5600 * time.Millisecond, []http.HandlerFunc{fake.Answer(200, "{}")}, 200, "", 1},
		{"no bound", true, plain, time.Second, []http.HandlerFunc{fake.Answer(200, "{}")}, 200, "", 1},
		{"not restored", false, bounded, time.Second, []http.HandlerFunc{fake.Answer(200, "{}")}, 200, "", 1},
		{"an unread", true, strings.Replace(bounded, "true", "false", 1), time.Second, []http.HandlerFunc{fake.Answer(200, "{}")}, 200, "", 1},
		{"no second try", true, bounded, 5700 * time.Millisecond, []http.HandlerFunc{fake.Answer(503, "{}"), fake.Answer(200, "{}")}, 502, "unavailable", 1},
		{"a second try", true, bounded, 5800 * time.Millisecond, []http.HandlerFunc{fake.Answer(503, "{}"), fake.Answer(200, "{}")}, 200, "", 2},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, tc.answers...)
				h.Attempts.RestoreUnread = tc.restores
				h.within = tc.left
				a := h.put(load(t, "api_gateway.json").with("body", tc.body))
				if a.StatusCode != tc.status || tc.code != "" && !strings.Contains(a.Body, `"`+tc.code+`"`) {
					t.Errorf("status %d, body %s", a.StatusCode, a.Body)
				}
				h.wantCalls(tc.calls)
			})
		})
	}
}

// panicking is HelpCrunch's client with a mistake in it.
type panicking struct{}

func (panicking) Mark(context.Context, string, mark.Mark) (*helpcrunch.Answer, error) {
	panic("s3cr3t and what else is here")
}

func TestAPanicIsAnAnswer(t *testing.T) {
	h := newHarness(t, fake.Answer(200, "{}"))
	h.Attempts.HelpCrunch = panicking{}
	h.ask().want(t, 502, "unexpected")
	if log := h.logs.String(); !strings.Contains(log, "panic") || strings.Contains(log, "what else") {
		t.Errorf("log: %s", log)
	}
}
