package httpapi_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	fake "helpcrunch-mark-read/shared/helpcrunch/helpcrunchtest"
)

// TestEveryOutcome: status, codes and Retry-After of each, and that HelpCrunch's own errors are passed on where they may be.
func TestEveryOutcome(t *testing.T) {
	for _, tc := range []struct {
		name       string
		answer     http.HandlerFunc
		secret     error
		status     int
		codes      string
		retryAfter string
		passedOn   string // the fixture that the body equals
	}{
		{name: "401", answer: fake.Answer(401, fixture(t, "401_unauthorized.json")), status: 502, codes: "key_rejected"},
		{name: "401, older family", answer: fake.Answer(401, fixture(t, "401_invalid_token.json")), status: 502, codes: "key_rejected"},
		{name: "403 of one chat", answer: fake.Answer(403, ""), status: 502, codes: "unexpected"},
		{name: "400 that means 401", answer: fake.Answer(400, fixture(t, "401_unauthorized.json")), status: 502, codes: "key_rejected"},

		{name: "429", answer: fake.Answer(429, fixture(t, "429_too_many_requests.json")), status: 429, codes: "invalid_request,too_many_requests", retryAfter: "1", passedOn: "429_too_many_requests.json"},
		{name: "429 with Retry-After", answer: fake.Answer(429, "", "Retry-After", "17"), status: 429, codes: "rate_limited", retryAfter: "17"},
		{name: "429 with a huge Retry-After", answer: fake.Answer(429, "", "Retry-After", "99999999999999999999"), status: 429, codes: "rate_limited", retryAfter: "3600"},
		{name: "429 with a negative Retry-After", answer: fake.Answer(429, "", "Retry-After", "-1"), status: 429, codes: "rate_limited", retryAfter: "1"},
		{name: "400 that means 429", answer: fake.Answer(400, fixture(t, "429_too_many_requests.json")), status: 429, codes: "invalid_request,too_many_requests", retryAfter: "1", passedOn: "429_too_many_requests.json"},

		{name: "400", answer: fake.Answer(400, fixture(t, "400_field.json")), status: 400, codes: "invalid_request,read", passedOn: "400_field.json"},
		{name: "400 as HTML page", answer: fake.Answer(400, "<html>no", "Content-Type", "text/html"), status: 502, codes: "unexpected"},
		{name: "400 cut off", answer: fake.CutOff(400, `{"errors":[{"code":"read"`), status: 400, codes: "invalid_request"},
		{name: "422", answer: fake.Answer(422, fixture(t, "400_field.json")), status: 400, codes: "invalid_request,read", passedOn: "400_field.json"},

		{name: "404 not_fount", answer: fake.Answer(404, fixture(t, "404_not_fount.json")), status: 404, codes: "invalid_request,not_fount", passedOn: "404_not_fount.json"},
		{name: "404 chat_not_found as text/html", answer: fake.Answer(404, fixture(t, "404_chat_not_found.json"), "Content-Type", "text/html"), status: 404, codes: "chat_not_found", passedOn: "404_chat_not_found.json"},
		{name: "404 as documented, not valid JSON", answer: fake.Answer(404, fixture(t, "404_documented_invalid.json")), status: 404, codes: "chat_not_found"},
		{name: "404 as HTML page", answer: fake.Answer(404, fixture(t, "404_nginx.html"), "Content-Type", "text/html"), status: 502, codes: "unexpected"},
		{name: "404 without a known code", answer: fake.Answer(404, `{"errors":[{"code":"no_route","message":"m"}]}`), status: 502, codes: "unexpected"},

		{name: "secret denied", secret: errors.New("AccessDeniedException"), status: 503, codes: "key_unavailable", retryAfter: "5"},
		{name: "no answer", answer: fake.Hang, status: 504, codes: "timed_out"},
		{name: "broken", answer: fake.Break, status: 502, codes: "unavailable"},
		{name: "500", answer: fake.Answer(500, fixture(t, "400_field.json")), status: 502, codes: "unavailable"},
		{name: "503 with Retry-After", answer: fake.Answer(503, "", "Retry-After", "120"), status: 502, codes: "unavailable", retryAfter: "120"},
		{name: "503 with Retry-After in decimals", answer: fake.Answer(503, "", "Retry-After", "29.2"), status: 502, codes: "unavailable", retryAfter: "30"},
		{name: "500 with a huge Retry-After", answer: fake.Answer(500, "", "Retry-After", "86400"), status: 502, codes: "unavailable", retryAfter: "3600"},
		{name: "404 without a known code, with Retry-After", answer: fake.Answer(404, "", "Retry-After", "7"), status: 502, codes: "unexpected", retryAfter: "7"},
		{name: "408", answer: fake.Answer(408, ""), status: 502, codes: "unavailable"},

		{name: "redirect", answer: fake.Answer(307, "", "Location", "https://elsewhere.test/"), status: 502, codes: "unexpected"},
		{name: "redirect to nonsense", answer: fake.Answer(302, "", "Location", "http://[::1"), status: 502, codes: "unexpected"},
		{name: "405", answer: fake.Answer(405, ""), status: 502, codes: "unexpected"},
		{name: "200 as HTML page", answer: fake.Answer(200, "<html>Log in", "Content-Type", "text/html"), status: 502, codes: "unexpected"},
		{name: "switching protocols", answer: fake.Raw("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n", false), status: 502, codes: "unexpected"},

		{name: "200 cut off", answer: fake.CutOff(200, `{"id":5208`), status: 502, codes: "unexpected"},
		{name: "200 over 1 MiB", answer: fake.Answer(200, `"`+strings.Repeat("x", 1<<20)+`"`), status: 502, codes: "unexpected"},
		{name: "200 that trickles", answer: fake.HangAfter(200, `{"id":5208`), status: 502, codes: "unexpected"},
		{name: "200 with an encoding that was not asked for", answer: fake.Answer(200, "x", "Content-Encoding", "br"), status: 502, codes: "unexpected"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, tc.answer)
				h.key.err = tc.secret
				a := h.ask()
				a.want(t, tc.status, strings.Split(tc.codes, ",")...)
				if a.Headers["Retry-After"] != tc.retryAfter {
					t.Errorf("Retry-After %q, want %q", a.Headers["Retry-After"], tc.retryAfter)
				}
				if tc.passedOn != "" && a.Body != fixture(t, tc.passedOn) {
					t.Errorf("not passed on byte for byte: %s", a.Body)
				}
				for _, internal := range []string{"AccessDenied", "helpcrunch.test", "Secrets Manager", "<html", "status 4", "status 5"} {
					if strings.Contains(a.Body, internal) {
						t.Errorf("the caller sees internals: %s", a.Body)
					}
				}
			})
		})
	}
}

// TestTheMarkWasMade: what cannot be passed on is reported as such, and counts as applied.
func TestTheMarkWasMade(t *testing.T) {
	for name, answer := range map[string]http.HandlerFunc{
		"cut off":            fake.CutOff(200, `{"id":5208`),
		"over 1 MiB":         fake.Answer(200, strings.Repeat("x", 1<<20+1)),
		"with the key in it": fake.Answer(200, `{"token":"s3cr3t\/K\"ey"}`),
		"key in broken JSON": fake.Answer(200, `{"readByAgent": true.,"token":"s3cr3t\/K\"ey"}`),
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, answer)
			a := h.ask()
			a.want(t, 502, "unexpected")
			if !strings.Contains(a.Body, "mark was made") || !strings.Contains(h.logs.String(), `"outcome":"applied"`) || !strings.Contains(h.metrics.String(), `"Outcome":"applied"`) {
				t.Errorf("answer %s\nlog %s", a.Body, h.logs.String())
			}
			h.wantCalls(1)
		})
	}
}

func TestErrorsThatHoldTheKeyAreNotPassedOn(t *testing.T) {
	for _, status := range []int{400, 404, 429} {
		h := newHarness(t, fake.Answer(status, `{"errors":[{"code":"not_found","message":"Bearer s3cr3t\/K\u0022ey"}]}`))
		a := h.ask()
		if a.StatusCode != status || len(a.codes(t)) != 1 || strings.Contains(a.Body, "Bearer") {
			t.Errorf("status %d: %s", a.StatusCode, a.Body)
		}
	}
}

func TestBodiesArePassedOnByteForByte(t *testing.T) {
	for name, body := range map[string]string{
		"chat":                     fixture(t, "200_chat.json"),
		"chat of nulls":            fixture(t, "200_chat_nulls.json"),
		"as documented, invalid":   fixture(t, "200_documented_invalid.json"),
		"nothing":                  "",
		"escapes":                  `{"a":"\u003c\u2028\/\ud83d\ude00\u0000","b":"<>&` + "\u2028\u00e9" + `"}`,
		"big numbers":              `{"id":123456789012345678901234567890,"n":1e400,"z":-0.0,"f":1.10}`,
		"white space and two keys": "\r\n {\"a\":1,\t\"a\":2}\n\n",
		"invalid UTF-8":            "{\"a\":\"\xff\xfe\x00\xc3\"}",
		"byte-order mark":          "\ufeff{}",
		"256 KiB":                  `"` + strings.Repeat("\u2028", 256<<10/3) + `"`,
		"1 MiB of <":               strings.Repeat("<", 1<<20),
		"1 MiB of quotes":          strings.Repeat(`"`, 1<<20),
		"1 MiB of NUL":             strings.Repeat("\x00", 1<<20),
		"not JSON":                 "OK",
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, fake.Answer(200, body))
			if a := h.ask(); a.StatusCode != 200 || a.Body != body {
				t.Errorf("status %d, %d bytes of %d: %.100q", a.StatusCode, len(a.Body), len(body), a.Body)
			}
		})
	}
	for _, status := range []int{201, 202, 203, 206, 299} {
		h := newHarness(t, fake.Answer(status, "{}"))
		if a := h.ask(); a.StatusCode != status || a.Body != "{}" {
			t.Errorf("status %d became %d: %s", status, a.StatusCode, a.Body)
		}
	}
	big := `{"errors":[{"code":"not_found","message":"` + strings.Repeat("<", 1<<20-100) + `"}]}`
	h := newHarness(t, fake.Answer(404, big))
	if a := h.ask(); a.StatusCode != 404 || a.Body != big {
		t.Errorf("an error of nearly 1 MiB: status %d, %d bytes", a.StatusCode, len(a.Body))
	}
}

func TestFaultsOfABody(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		codes      string
		parts      []string
	}{
		{"empty", "", "invalid_request", []string{"empty"}},
		{"null", "null", "invalid_request", []string{"one JSON object"}},
		{"cut off", `{"id": 5208, "read"`, "invalid_request", []string{"valid JSON"}},
		{"both missing", "{}", "invalid_request,id,read", []string{"id is missing", "read is missing"}},
		{"everything at once", `{"id":"5208","read":null,"ID":1,"read":1,"note":1,"note":2}`, "invalid_request,read,id,read", []string{`stands twice`, "note", "id must be", "read must be"}},
		{"id with an exponent", `{"id":1e3,"read":true}`, "invalid_request,id", []string{"id must be"}},
		{"two documents", `{"id":5208,"read":true}{"id":5209,"read":true}`, "invalid_request", []string{"nothing after"}},
		{"larger than 64 KiB", `{"id":5208,"read":true,"x":"` + strings.Repeat("x", 64<<10) + `"}`, "invalid_request", []string{"64 KiB"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := newHarness(t, fake.Answer(200, "{}"))
			a := h.put(load(t, "api_gateway.json").with("body", tc.body))
			a.want(t, 400, strings.Split(tc.codes, ",")...)
			for _, part := range tc.parts {
				if !strings.Contains(a.Body, part) {
					t.Errorf("the answer does not say %q: %s", part, a.Body)
				}
			}
			h.wantCalls(0)
			if h.key.asked > 0 {
				t.Error("the key was fetched for it")
			}
		})
	}
	t.Run("no body at all", func(t *testing.T) {
		e := load(t, "api_gateway.json")
		delete(e, "body")
		newHarness(t, fake.Answer(200, "{}")).put(e).want(t, 400, "invalid_request")
	})
}

// TestAnAttemptIsTold: one log line and its metrics, whatever it came to.
func TestAnAttemptIsTold(t *testing.T) {
	h := newHarness(t, fake.Answer(200, `{"readByAgent":false}`))
	h.ask()
	h.put(load(t, "api_gateway.json").with("body", "{}"))
	lines := strings.Split(strings.TrimSpace(h.logs.String()), "\n")
	if len(lines) != 2 || !strings.Contains(lines[0], `"outcome":"applied","chatId":5208,"reader":"agent","read":true,"status":200`) || !strings.Contains(lines[1], `"outcome":"invalid_request"`) {
		t.Errorf("log: %s", h.logs.String())
	}
	for line := range strings.Lines(h.metrics.String()) {
		if !json.Valid([]byte(line)) {
			t.Errorf("metric: %s", line)
		}
	}
	if !strings.Contains(h.metrics.String(), `"NotApplied":1`) {
		t.Errorf("metrics: %s", h.metrics.String())
	}
}

// TestAnOvertakenMarkIsSaidInAHeader: beside HelpCrunch's own 2xx, and on no other answer.
func TestAnOvertakenMarkIsSaidInAHeader(t *testing.T) {
	const chat = `{"id":5208,"readByAgent":true,"lastCustomerMessageAt":"1700000001"}`
	for _, tc := range []struct {
		name     string
		body     string
		restores bool
		answers  []http.HandlerFunc
		status   int
		header   string
		passedOn string
	}{
		{"newer", `{"id":5208,"read":true,"asOf":1700000000.9}`, false, []http.HandlerFunc{fake.Answer(200, chat)}, 200, "true", chat},
		{"the same second", `{"id":5208,"read":true,"asOf":"1700000001"}`, false, []http.HandlerFunc{fake.Answer(200, chat)}, 200, "", chat},
		{"no bound", `{"id":5208,"read":true}`, true, []http.HandlerFunc{fake.Answer(200, chat)}, 200, "", chat},
		{"restored", `{"id":5208,"read":true,"asOf":1700000000}`, true, []http.HandlerFunc{fake.Answer(200, chat), fake.Answer(200, `{"id":5208}`)}, 200, "true", `{"id":5208}`},
		{"not restored", `{"id":5208,"read":true,"asOf":1700000000}`, true, []http.HandlerFunc{fake.Answer(200, chat), fake.Answer(500, "")}, 502, "", ""},
		{"cut off", `{"id":5208,"read":true,"asOf":1700000000}`, false, []http.HandlerFunc{fake.CutOff(200, chat)}, 502, "", ""},
		{"no bound that can be read", `{"id":5208,"read":true,"asOf":null}`, false, []http.HandlerFunc{fake.Answer(200, chat)}, 400, "", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				h := newHarness(t, tc.answers...)
				h.Attempts.RestoreUnread = tc.restores
				a := h.put(load(t, "api_gateway.json").with("body", tc.body))
				if a.StatusCode != tc.status || a.Headers["Mark-Overtaken"] != tc.header || tc.passedOn != "" && a.Body != tc.passedOn {
					t.Errorf("status %d, Mark-Overtaken %q: %s", a.StatusCode, a.Headers["Mark-Overtaken"], a.Body)
				}
				for _, r := range h.server.Requests() {
					if strings.Contains(r.Body, "asOf") {
						t.Errorf("HelpCrunch was sent %s", r.Body)
					}
				}
			})
		})
	}
}
