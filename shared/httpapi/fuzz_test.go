package httpapi_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	fake "helpcrunch-mark-read/shared/helpcrunch/helpcrunchtest"
	"helpcrunch-mark-read/shared/httpapi"
	"helpcrunch-mark-read/shared/telemetry/telemetrytest"
)

// foreign is a foreign text and what somebody hoped to do with it. The texts are seeds of both fuzzers.
var foreign = map[string]string{
	"nothing":                           "",
	"a header of one's own":             "x\r\nX-Injected: yes",
	"a log line of one's own":           "x\n{\"level\":\"ERROR\",\"message\":\"forged\"}",
	"a line separator of Unicode's":     "x\u2028{\"message\":\"forged\"}\u0085y",
	"a terminal's escapes":              "\x1b[2J\u009b31m\u202e",
	"invalid UTF-8":                     "\xff\xfe\xed\xa0\x80",
	"NUL":                               "\x00",
	"the end of a JSON string":          `","outcome":"applied`,
	"half an escape":                    `\u00`,
	"a format":                          "%s%n%!(EXTRA)",
	"a quoted preference without end":   `respond-async;"`,
	"a preference":                      "wait=1, respond-async",
	"a number that no integer can hold": "99999999999999999999",
}

// FuzzRequest sends a request with every part of the event chosen by a stranger, HelpCrunch's answer and AWS's refusals
// among them. What holds of every answer is in harness.invoke; here is what a stranger's bytes could break besides.
func FuzzRequest(f *testing.F) {
	const path, good = "/v1/chats/readByAgent", `{"id": 5208, "read": true}`
	for _, text := range foreign {
		f.Add("PUT "+path, path, "$default", "PUT", "prefer", text, good, false, 200, text, "application/json", []byte(text), "")
		f.Add("$default", "/"+text+path, text, text, text, text, text, true, 404, "", text, []byte(`{"errors":[{"code":"not_found","message":"`+text+`"}]}`), "")
		f.Add("PUT "+path, path, "", "PUT", "Prefer", "respond-async", good, false, 400, text, "", []byte(`{"errors":[{"code":"`+text+`"}]}`), text)
	}
	f.Add("PUT "+path, path, "", "PUT", "", "", base64.StdEncoding.EncodeToString([]byte(good)), true, 200, "", "text/html", []byte("<html>"), "AccessDenied\nforged")
	f.Add("PUT "+path, path, "", "PUT", "", "", `{"id":1,"read":true,"x":`+strings.Repeat("[", 60_000), false, 200, "", "", []byte("{}"), "")
	f.Add("PUT "+path, path, "", "PUT", "", "", strings.Repeat("[", 70_000), false, 200, "", "", []byte(strings.Repeat("[", 30_000)), "")
	f.Add("PUT "+path, path, "", "PUT", "", "", good, false, 400, "", "", []byte(`{"errors":[{"code":"","message":null,"more":1}]}`), "")
	f.Add("PUT "+path, path, "", "PUT", "", "", good, false, 429, "Mon, 03 Jan 2000 00:00:00 GMT", "", []byte(`Bearer s3cr3t\/K\u0022ey`), "")
	f.Fuzz(func(t *testing.T, route, rawPath, stage, method, name, value, body string, isBase64 bool, status int, retryAfter, contentType string, sent []byte, refusal string) {
		if status < 200 || status > 599 { // net/http's server sends no other
			status = 200
		}
		if method == "" {
			return // see TestWhatIsNoRequestIsAFunctionError
		}
		synctest.Test(t, func(t *testing.T) {
			h := newHarness(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Retry-After", retryAfter)
				w.Header().Set("Content-Type", contentType)
				w.WriteHeader(status)
				_, _ = w.Write(sent)
			})
			if refusal != "" {
				h.key.err = errors.New(refusal)
				h.queue.send = func(context.Context) error { return errors.New(refusal) }
			}
			a := h.put(event{
				"routeKey": route, "rawPath": rawPath, "headers": map[string]string{name: value}, "body": body, "isBase64Encoded": isBase64,
				"requestContext": map[string]any{"stage": stage, "http": map[string]string{"method": method}, "authorizer": map[string]any{"iam": map[string]any{}}},
			})
			checkAnswer(t, a)
			telemetrytest.CheckLines(t, h.logs.String())
			telemetrytest.CheckLines(t, h.metrics.String())
			if strings.Contains(h.logs.String(), `"message":"panic"`) {
				t.Errorf("a panic: %.2000s", h.logs.String())
			}
		})
	})
}

// checkAnswer looks for what a caller could be made to take for something else.
func checkAnswer(t *testing.T, a answer) {
	t.Helper()
	known := []string{"Content-Type", "Retry-After", "Allow", "Preference-Applied", "Mark-Overtaken"}
	for name, value := range a.Headers {
		if !slices.Contains(known, name) || strings.ContainsFunc(value, func(c rune) bool { return c < ' ' || c > '~' }) {
			t.Errorf("header %q: %q", name, value)
		}
	}
	if a.StatusCode < 200 || a.StatusCode > 599 {
		t.Errorf("status %d", a.StatusCode)
	}
	if a.StatusCode < 300 {
		return
	}
	var shape map[string]json.RawMessage // an error of HelpCrunch's own can say more than ours, and leave a code or a message empty
	var entries []map[string]any
	err := json.Unmarshal([]byte(a.Body), &shape)
	if err = errors.Join(err, json.Unmarshal(shape["errors"], &entries)); err != nil || len(entries) == 0 {
		t.Errorf("%v: not HelpCrunch's error shape: %.300s", err, a.Body)
	}
}

// FuzzEvent hands over any bytes as the event: an answer, or the refusal of what is no event at all. Nothing panics.
func FuzzEvent(f *testing.F) {
	names, err := filepath.Glob("testdata/*.json")
	if err != nil || len(names) == 0 {
		f.Fatalf("no events: %v", err)
	}
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(content)
	}
	for _, text := range []string{`{}`, `null`, `[]`, `{"headers":null,"body":null}`, `{"headers":{"a":1}}`, `{"requestContext":[]}`, `{"Body":"x","body":"y"}`, "{\"rawPath\":\"\xff\"}"} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, payload []byte) {
		synctest.Test(t, func(t *testing.T) {
			h := newHarness(t, fake.Answer(200, "{}"))
			ctx, cancel := context.WithTimeout(t.Context(), 15*time.Second)
			defer cancel()
			if _, err := lambda.NewHandler(h.Handle).Invoke(ctx, payload); err != nil {
				var request httpapi.Request
				if json.Unmarshal(payload, &request) == nil && request.RequestContext.HTTP.Method != "" {
					t.Fatalf("an event was refused: %v", err)
				}
				return
			}
			checkAnswer(t, h.invoke(payload))
			telemetrytest.CheckLines(t, h.logs.String())
		})
	})
}

// trim takes white space and byte-order marks off, one after the other until there is none.
func trim(s string) string {
	for {
		shorter := strings.TrimPrefix(strings.TrimSuffix(strings.TrimSpace(s), "\ufeff"), "\ufeff")
		if shorter == s {
			return s
		}
		s = shorter
	}
}
