package httpapi_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"helpcrunch-mark-read/shared/helpcrunch"
	fake "helpcrunch-mark-read/shared/helpcrunch/helpcrunchtest"
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
				b := newBench(t, fake.Answer(429, "", tc.headers...), fake.Answer(200, "{}"))
				b.ask().want(t, 429, "rate_limited")
				pause := time.Duration(tc.seconds) * time.Second
				time.Sleep(pause - 500*time.Millisecond)
				a := b.ask()
				a.want(t, 429, "rate_limited")
				if a.Headers["Retry-After"] != "1" {
					t.Errorf("Retry-After %q half a second before the end", a.Headers["Retry-After"])
				}
				b.wantCalls(1)
				time.Sleep(500 * time.Millisecond)
				if a := b.ask(); a.StatusCode != 200 {
					t.Errorf("after the pause: status %d", a.StatusCode)
				}
				b.wantCalls(2)
			})
		})
	}
}

func TestOneMoreTry(t *testing.T) {
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
				b := newBench(t, tc.first, fake.Answer(200, "{}"))
				if a := b.ask(); a.StatusCode != tc.status {
					t.Errorf("status %d, want %d", a.StatusCode, tc.status)
				}
				b.wantCalls(tc.calls)
			})
		})
	}
}

func TestARotatedKeyIsTriedInTheSameRequest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newBench(t, func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("Authorization") != "Bearer new" {
				fake.Answer(401, "")(w, r)
				return
			}
			fake.Answer(200, "{}")(w, r)
		})
		b.ask().want(t, 502, "key_rejected")
		b.ask().want(t, 502, "key_rejected")
		b.wantCalls(1)
		b.key.set("new", nil)
		time.Sleep(31 * time.Second)
		if a := b.ask(); a.StatusCode != 200 {
			t.Errorf("status %d", a.StatusCode)
		}
		b.wantCalls(2)
	})
}

// TestTheWholeAnswerTakesTenSecondsAtMost: invoke measures it, whatever hangs. Each of these waits for as long as it may.
func TestTheWholeAnswerTakesTenSecondsAtMost(t *testing.T) {
	for _, tc := range []struct {
		name    string
		answers []http.HandlerFunc
		prepare func(*bench)
		status  int
	}{
		{"HelpCrunch", []http.HandlerFunc{fake.Hang}, nil, 504},
		{"HelpCrunch in its body", []http.HandlerFunc{fake.HangAfter(404, `{"errors":[{"code":"not_found"`)}, nil, 404},
		{"the second try", []http.HandlerFunc{fake.Answer(503, "", "Retry-After", "8"), fake.Hang}, nil, 504},
		{"Secrets Manager", []http.HandlerFunc{fake.Answer(200, "{}")}, func(b *bench) { b.key.takes = time.Hour }, 503},
		{"Secrets Manager, after a 401", []http.HandlerFunc{fake.Answer(401, "")}, func(b *bench) {
			b.askAs("Bearer " + firstToken)
			b.key.takes = time.Hour
			time.Sleep(6 * time.Minute)
		}, 502},
		{"the tokens and then HelpCrunch", []http.HandlerFunc{fake.Hang}, func(b *bench) {
			b.token.takes, b.key.takes = 2900*time.Millisecond, 2900*time.Millisecond
		}, 504},
		{"the queue, after the tokens", []http.HandlerFunc{fake.Hang}, func(b *bench) {
			b.token.takes = 2900 * time.Millisecond
			b.queue.send = func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
		}, 503},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := withTokens(t, firstToken)
				b.server.Answer(tc.answers...)
				e := load(t, "api_gateway.json").header("authorization", "Bearer "+firstToken)
				if strings.Contains(tc.name, "queue") {
					e.header("prefer", "respond-async")
				}
				if tc.prepare != nil {
					tc.prepare(b)
				}
				if a := b.put(e); a.StatusCode != tc.status {
					t.Errorf("status %d, want %d", a.StatusCode, tc.status)
				}
			})
		})
	}
}

// panicking is HelpCrunch's client with a mistake in it.
type panicking struct{}

func (panicking) Mark(context.Context, string, mark.Mark) (*helpcrunch.Answer, error) {
	panic("s3cr3t and what else is at hand")
}

func TestAPanicIsAnAnswer(t *testing.T) {
	b := newBench(t, fake.Answer(200, "{}"))
	b.Attempts.HelpCrunch = panicking{}
	b.ask().want(t, 502, "unexpected")
	if log := b.logs.String(); !strings.Contains(log, "panic") || strings.Contains(log, "at hand") {
		t.Errorf("log: %s", log)
	}
}
