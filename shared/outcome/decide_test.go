package outcome_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"helpcrunch-mark-read/shared/apikey"
	"helpcrunch-mark-read/shared/helpcrunch"
	"helpcrunch-mark-read/shared/mark"
	"helpcrunch-mark-read/shared/outcome"
	"helpcrunch-mark-read/shared/pace"
	"helpcrunch-mark-read/shared/secret"
)

// roundTrip is HelpCrunch as a function.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

// answered is the evidence of an answer of HelpCrunch's, read as the functions read it.
func answered(t testing.TB, status int, body string, headers ...string) outcome.Evidence {
	t.Helper()
	header := http.Header{}
	for i := 0; i+1 < len(headers); i += 2 {
		header.Set(headers[i], headers[i+1])
	}
	transport := roundTrip(func(*http.Request) (*http.Response, error) {
		return &http.Response{StatusCode: status, Header: header, Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body))}, nil
	})
	answer, err := helpcrunch.New("http://x", transport, 1<<20).Mark(t.Context(), "the-key", mark.Mark{ID: 1, Reader: mark.Agent})
	return outcome.Evidence{Answer: answer, Err: err}
}

func forbidden(e outcome.Evidence) outcome.Evidence {
	e.Forbidden = true
	return e
}

func failed(err error) outcome.Evidence { return outcome.Evidence{Err: err} }

func codes(list ...string) string {
	entries := make([]string, len(list))
	for i, code := range list {
		entries[i] = fmt.Sprintf(`{"code":%q,"message":"m"}`, code)
	}
	return `{"errors":[` + strings.Join(entries, ",") + `]}`
}

func fixture(t testing.TB, name string) string {
	t.Helper()
	content, err := os.ReadFile("../helpcrunch/testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestDecide(t *testing.T) {
	_, invalid := mark.ReadMessage([]byte(`{"id":0}`))
	html := []string{"Content-Type", "text/html"}
	for _, tc := range []struct {
		name     string
		evidence outcome.Evidence
		want     outcome.Outcome
	}{
		{"200 with a chat", answered(t, 200, fixture(t, "200_chat.json")), outcome.Applied},
		{"200 as documented, not valid JSON", answered(t, 200, fixture(t, "200_documented_invalid.json")), outcome.Applied},
		{"200 with an id beside the errors", answered(t, 200, `{"id":1,"errors":[{"code":"x"}]}`), outcome.Applied},
		{"200 with an empty list of errors", answered(t, 200, `{"errors":[]}`), outcome.Applied},
		{"200 with nothing", answered(t, 200, "", html...), outcome.Applied},
		{"200 with JSON as HTML", answered(t, 200, "{}", html...), outcome.Applied},
		{"201", answered(t, 201, "{}"), outcome.Applied},
		{"204", answered(t, 204, ""), outcome.Applied},
		{"299", answered(t, 299, "x"), outcome.Applied},

		{"401", answered(t, 401, fixture(t, "401_unauthorized.json")), outcome.KeyRejected},
		{"401, older family", answered(t, 401, fixture(t, "401_invalid_token.json")), outcome.KeyRejected},
		{"401 as a page", answered(t, 401, "<html>", html...), outcome.KeyRejected},
		{"401 with codes of other rows", answered(t, 401, codes("too_many_requests", "not_found")), outcome.KeyRejected},
		{"403 of a second chat", forbidden(answered(t, 403, "")), outcome.KeyRejected},
		{"400 with unauthorized in what only nearly is JSON", answered(t, 400, `{"errors":[{"code":"unauthorized","message":"Key "x" is unknown"}]}`), outcome.KeyRejected},
		{"400 with a byte-order mark", answered(t, 400, "\ufeff"+codes("unauthorized")), outcome.KeyRejected},
		{"400 with unauthorized", answered(t, 400, codes("invalid_request", "unauthorized")), outcome.KeyRejected},
		{"400 with invalid_token", answered(t, 400, codes("invalid_token")), outcome.KeyRejected},
		{"400 with unauthorized and too_many_requests: the first row wins", answered(t, 400, codes("too_many_requests", "unauthorized")), outcome.KeyRejected},
		{"a key known to be rejected", failed(apikey.ErrRejected), outcome.KeyRejected},

		{"429", answered(t, 429, fixture(t, "429_too_many_requests.json")), outcome.RateLimited},
		{"429 with nothing", answered(t, 429, ""), outcome.RateLimited},
		{"429 with unauthorized", answered(t, 429, codes("unauthorized")), outcome.RateLimited},
		{"400 with too_many_requests", answered(t, 400, codes("invalid_request", "too_many_requests")), outcome.RateLimited},
		{"400 with too_many_requests and unescaped quotes", answered(t, 400, `{"errors":[{"code":"too_many_requests","message":"Limit of "120" reached"}]}`), outcome.RateLimited},
		{"429 as a page", answered(t, 429, "<html>", html...), outcome.RateLimited},
		{"a pause", failed(&pace.PausedError{Until: time.Now().Add(time.Hour)}), outcome.RateLimited},
		{"a pause that ended this moment", failed(&pace.PausedError{Until: time.Now().Add(-time.Second)}), outcome.RateLimited},

		{"an invalid message", failed(invalid), outcome.InvalidRequest},
		{"400", answered(t, 400, fixture(t, "400_field.json")), outcome.InvalidRequest},
		{"400 with nothing", answered(t, 400, ""), outcome.InvalidRequest},
		{"400 with not_found", answered(t, 400, codes("not_found")), outcome.InvalidRequest},
		{"400 that is not valid JSON", answered(t, 400, `{"errors":[{"code":"read"},]}`), outcome.InvalidRequest},
		{"400 that is not valid JSON, with a known code", answered(t, 400, `{"errors":[{"code":"too_many_requests"},]}`), outcome.RateLimited},
		{"422", answered(t, 422, codes("invalid_request", "id")), outcome.InvalidRequest},
		{"422 with unauthorized", answered(t, 422, codes("unauthorized", "too_many_requests")), outcome.InvalidRequest},

		{"404 not_fount", answered(t, 404, fixture(t, "404_not_fount.json")), outcome.ChatNotFound},
		{"404 not_found", answered(t, 404, fixture(t, "404_not_found.json")), outcome.ChatNotFound},
		{"404 chat_not_found", answered(t, 404, fixture(t, "404_chat_not_found.json")), outcome.ChatNotFound},
		{"404 as documented, not valid JSON", answered(t, 404, fixture(t, "404_documented_invalid.json")), outcome.ChatNotFound},
		{"404 as documented, sent as HTML", answered(t, 404, fixture(t, "404_documented_invalid.json"), html...), outcome.ChatNotFound},
		{"404 with the code in quotes in text", answered(t, 404, `no: "chat_not_found"`), outcome.ChatNotFound},

		{"secret denied", failed(&secret.UnavailableError{Reason: "denied"}), outcome.KeyUnavailable},
		{"secret unusable", failed(&secret.UnavailableError{Reason: "empty", Unusable: true}), outcome.KeyUnavailable},
		{"secret timed out", failed(&secret.UnavailableError{Reason: "late", Cause: context.DeadlineExceeded}), outcome.KeyUnavailable},

		{"no time for a call", failed(pace.ErrNoTime), outcome.TimedOut},
		{"a turn that comes too late", failed(&pace.TurnError{}), outcome.TimedOut},
		{"no answer in time", failed(&helpcrunch.NoAnswerError{Timeout: true, Reason: "late"}), outcome.TimedOut},

		{"connection broken", failed(&helpcrunch.NoAnswerError{Reason: "broken"}), outcome.Unavailable},
		{"500", answered(t, 500, ""), outcome.Unavailable},
		{"500 with a code of another row", answered(t, 500, codes("unauthorized")), outcome.Unavailable},
		{"502 as a page", answered(t, 502, "<html>", html...), outcome.Unavailable},
		{"408", answered(t, 408, ""), outcome.Unavailable},
		{"425", answered(t, 425, ""), outcome.Unavailable},
		{"408 as a page", answered(t, 408, "<html>", html...), outcome.Unavailable},
		{"599", answered(t, 599, ""), outcome.Unavailable},

		{"200 as a page", answered(t, 200, "<!DOCTYPE html><title>Log in</title>", html...), outcome.Unexpected},
		{"200 with errors and no id", answered(t, 200, codes("invalid_request", "not_found")), outcome.Unexpected},
		{"200 with a known code and no id in what only nearly is JSON", answered(t, 200, `{"errors":[{"code":"not_found"},]}`), outcome.Unexpected},
		{"403 of one chat alone", answered(t, 403, codes("forbidden")), outcome.Unexpected},
		{"403 as a page, of a second chat", forbidden(answered(t, 403, "<html>", html...)), outcome.Unexpected},
		{"400 as a page", answered(t, 400, "<html>", html...), outcome.Unexpected},
		{"400 as a page with a code in quotes", answered(t, 400, `<html class="unauthorized">`, html...), outcome.Unexpected},
		{"422 as a page", answered(t, 422, "<html>", html...), outcome.Unexpected},
		{"101", answered(t, 101, ""), outcome.Unexpected},
		{"301", answered(t, 301, "", "Location", "http://elsewhere"), outcome.Unexpected},
		{"304", answered(t, 304, ""), outcome.Unexpected},
		{"308", answered(t, 308, ""), outcome.Unexpected},
		{"404 with nothing", answered(t, 404, ""), outcome.Unexpected},
		{"404 with another code", answered(t, 404, codes("route_not_found")), outcome.Unexpected},
		{"404 as a page", answered(t, 404, fixture(t, "404_nginx.html"), html...), outcome.Unexpected},
		{"404 as a page with the code in quotes", answered(t, 404, `<html><p class="not_found">`), outcome.Unexpected},
		{"404 with the code elsewhere in valid JSON", answered(t, 404, `{"error":"not_found"}`), outcome.Unexpected},
		{"404 with the code in a message", answered(t, 404, `{"errors":[{"code":"x","message":"\"not_found\""}]}`), outcome.Unexpected},
		{"405", answered(t, 405, ""), outcome.Unexpected},
		{"410 with chat_not_found", answered(t, 410, codes("chat_not_found")), outcome.Unexpected},
		{"451", answered(t, 451, ""), outcome.Unexpected},
		{"600", answered(t, 600, ""), outcome.Unexpected},
		{"an error that no row names", failed(errors.New("what?")), outcome.Unexpected},
	} {
		t.Run(tc.name, func(t *testing.T) {
			v := outcome.Decide(tc.evidence)
			if v.Outcome != tc.want {
				t.Errorf("outcome %s, want %s", v.Outcome, tc.want)
			}
			if v.Reason == "" || v.Caller == "" {
				t.Errorf("reason %q, text for the caller %q", v.Reason, v.Caller)
			}
		})
	}
}

func TestTheTable(t *testing.T) {
	type follows struct {
		status int
		queue  outcome.Action
		wait   bool
	}
	want := map[outcome.Outcome]follows{
		outcome.Applied: {0, outcome.Delete, false}, outcome.KeyRejected: {502, outcome.Hold, false},
		outcome.RateLimited: {429, outcome.Hold, true}, outcome.InvalidRequest: {400, outcome.DeadLetter, false},
		outcome.ChatNotFound: {404, outcome.DeadLetter, false}, outcome.KeyUnavailable: {503, outcome.Hold, true},
		outcome.TimedOut: {504, outcome.Hold, false}, outcome.Unavailable: {502, outcome.Hold, false},
		outcome.Unexpected: {502, outcome.Hold, false},
	}
	table := outcome.Table()
	if len(table) != len(want) {
		t.Fatalf("%d rows, want %d", len(table), len(want))
	}
	for _, row := range table {
		if got := (follows{row.HTTPStatus, row.Queue, row.MinRetryAfter > 0}); got != want[row.Outcome] {
			t.Errorf("%s: %+v, want %+v", row.Outcome, got, want[row.Outcome])
		}
		atMost := 15 * time.Minute
		if row.Outcome == outcome.RateLimited {
			atMost = 2 * time.Minute
		}
		if row.Queue != outcome.Delete && row.MaxHold != atMost {
			t.Errorf("%s is held for %s at most, want %s", row.Outcome, row.MaxHold, atMost)
		}
		if row.PassOn != slices.Contains([]outcome.Outcome{outcome.InvalidRequest, outcome.ChatNotFound, outcome.RateLimited}, row.Outcome) {
			t.Errorf("%s: passed on %v", row.Outcome, row.PassOn)
		}
	}
	if last := table[len(table)-1]; last.Outcome != outcome.Unexpected || outcome.Decide(failed(errors.New("x"))).Outcome != last.Outcome {
		t.Errorf("the last row is %s and does not match everything", last.Outcome)
	}
	table[0].Outcome = "changed"
	if outcome.Table()[0].Outcome == "changed" {
		t.Error("a caller of Table can change it")
	}
}

func TestVerdict(t *testing.T) {
	v := outcome.Decide(answered(t, 429, codes("invalid_request", "too_many_requests"), "Retry-After", "17"))
	if v.Status != 429 || v.RetryAfter != 17*time.Second || !slices.Equal(v.Codes, []string{"invalid_request", "too_many_requests"}) {
		t.Errorf("status %d, after %s, codes %v", v.Status, v.RetryAfter, v.Codes)
	}
	if v := outcome.Decide(answered(t, 404, fixture(t, "404_documented_invalid.json"))); !slices.Equal(v.Codes, []string{"not_fount"}) {
		t.Errorf("codes of the documented sample: %v", v.Codes)
	}
	if v := outcome.Decide(answered(t, 400, codes(slices.Repeat([]string{"x"}, 500)...))); len(v.Codes) != 10 || len(v.Messages) != 10 {
		t.Errorf("%d codes and %d messages of 500", len(v.Codes), len(v.Messages))
	}
	_, invalid := mark.ReadMessage([]byte(`{"id":0}`))
	if v := outcome.Decide(failed(invalid)); len(v.Faults) != 3 || v.Status != 0 || v.Answer != nil {
		t.Errorf("faults %v, status %d", v.Faults, v.Status)
	}
}

func TestAPauseIsTheRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := outcome.Decide(failed(&pace.PausedError{Until: time.Now().Add(90 * time.Second)}))
		if v.RetryAfter != 90*time.Second {
			t.Errorf("RetryAfter = %s", v.RetryAfter)
		}
	})
}

func TestOneMoreTryMayHelp(t *testing.T) {
	for _, tc := range []struct {
		name     string
		evidence outcome.Evidence
		want     bool
	}{
		{"broken", failed(&helpcrunch.NoAnswerError{}), true},
		{"502", answered(t, 502, ""), true},
		{"503", answered(t, 503, ""), true},
		{"504", answered(t, 504, ""), true},
		{"500", answered(t, 500, ""), false},
		{"501", answered(t, 501, ""), false},
		{"timeout", failed(&helpcrunch.NoAnswerError{Timeout: true}), false},
		{"429", answered(t, 429, ""), false},
		{"200", answered(t, 200, ""), false},
		{"no key", failed(&secret.UnavailableError{}), false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := outcome.Decide(tc.evidence).RetryOnce; got != tc.want {
				t.Errorf("RetryOnce = %v, want %v", got, tc.want)
			}
		})
	}
}

func TestMessagesAreMasked(t *testing.T) {
	for message, want := range map[string]string{
		"Chat of ann@example.com was not found":    "Chat of [e-mail] was not found",
		"<ann@example.com>, (bob@example.com)":     "[e-mail] [e-mail]",
		"ann@example.com":                          "[e-mail]",
		"line\nann@example.com\tend of it":         "[e-mail] of it",
		"see @handle, 5 @ 3":                       "see @handle, 5 @ 3",
		"the key the-key is wrong":                 "the key [the API key] is wrong",
		"email=ann@example.com;name":               "[e-mail]",
		"\u201eann@example.com\u201c is not known": "[e-mail] is not known",
	} {
		body := fmt.Sprintf(`{"errors":[{"code":"x","message":%q}]}`, message)
		v := outcome.Decide(answered(t, 400, body))
		if len(v.Messages) != 1 || v.Messages[0] != want {
			t.Errorf("%q became %q, want %q", message, v.Messages, want)
		}
		if strings.Contains(v.Reason, "example.com") {
			t.Errorf("the reason holds HelpCrunch's words: %q", v.Reason)
		}
	}
}
