package httpapi_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	fake "helpcrunch-mark-read/shared/helpcrunch/helpcrunchtest"
	"helpcrunch-mark-read/shared/httpapi"
)

// withTokens is a function that checks tokens itself.
func withTokens(t *testing.T, content string) *bench {
	t.Helper()
	b := newBench(t, fake.Answer(200, "{}"))
	b.token.content = content
	b.Tokens = httpapi.NewTokens(read(&b.token, httpapi.ParseTokens), 5*time.Minute)
	return b
}

// askAs sends the usual request with an Authorization header, and gives its status.
func (b *bench) askAs(authorization string) int {
	b.t.Helper()
	a := b.put(load(b.t, "api_gateway.json").header("authorization", authorization))
	switch a.StatusCode {
	case 401:
		a.want(b.t, 401, "unauthorized")
		if a.Headers["WWW-Authenticate"] != "Bearer" {
			b.t.Errorf("WWW-Authenticate: %q", a.Headers["WWW-Authenticate"])
		}
	case 503:
		a.want(b.t, 503, "key_unavailable")
		if a.Headers["Retry-After"] == "" {
			b.t.Error("503 without Retry-After")
		}
	}
	return a.StatusCode
}

func TestTokens(t *testing.T) {
	const tokens = "\ufeff first-token \r\n\r\n\tsecond+token/=\n"
	for _, tc := range []struct {
		name, authorization string
		status              int
	}{
		{"first", "Bearer first-token", 200},
		{"second", "Bearer second+token/=", 200},
		{"scheme in another case", "bEARER first-token", 200},
		{"space around", "  Bearer   first-token ", 200},
		{"none", "", 401},
		{"unknown", "Bearer third-token", 401},
		{"token in another case", "Bearer First-Token", 401},
		{"beginning of one", "Bearer first-toke", 401},
		{"more than one", "Bearer first-token2", 401},
		{"without scheme", "first-token", 401},
		{"another scheme", "Basic first-token", 401},
		{"scheme without token", "Bearer", 401},
		{"empty token", "Bearer ", 401},
		{"both", "Bearer first-token\nsecond+token/=", 401},
		{"two headers, joined", "Bearer first-token,Bearer first-token", 401},
		{"HelpCrunch's key", "Bearer " + apiKey, 401},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := withTokens(t, tokens)
			if got := b.askAs(tc.authorization); got != tc.status {
				t.Errorf("status %d, want %d", got, tc.status)
			}
			b.wantCalls(map[int]int{200: 1, 401: 0}[tc.status])
			if requests := b.server.Requests(); len(requests) > 0 && requests[0].Header.Get("Authorization") != "Bearer "+apiKey {
				t.Errorf("HelpCrunch was given %q", requests[0].Header.Get("Authorization"))
			}
			if strings.Contains(b.logs.String(), "token/=") || strings.Contains(b.logs.String(), "first-token") {
				t.Errorf("a token is in the log: %s", b.logs.String())
			}
		})
	}
	t.Run("header in another case", func(t *testing.T) {
		b := withTokens(t, tokens)
		if a := b.put(load(t, "api_gateway.json").header("AUTHORIZATION", "Bearer first-token")); a.StatusCode != 200 {
			t.Errorf("status %d", a.StatusCode)
		}
	})
}

func TestTheTokenIsCheckedBeforeAnythingElse(t *testing.T) {
	for name, e := range map[string]event{
		"unknown path":  load(t, "function_url.json").with("rawPath", "/"),
		"wrong method":  load(t, "function_url.json").method("GET"),
		"no mark":       load(t, "api_gateway.json").with("body", "{}"),
		"to the queue":  load(t, "api_gateway.json").header("prefer", "respond-async"),
		"an empty one":  {},
		"broken base64": load(t, "function_url.json").with("body", "{"),
	} {
		t.Run(name, func(t *testing.T) {
			b := withTokens(t, "token")
			b.put(e).want(t, 401, "unauthorized")
			if len(b.queue.sent) > 0 || b.key.asked > 0 {
				t.Error("something was done for it")
			}
		})
	}
}

func TestTokensThatCannotBeReadLetNobodyIn(t *testing.T) {
	for _, content := range []string{"", " \r\n\t\n\ufeff"} {
		b := withTokens(t, content)
		for _, authorization := range []string{"", "Bearer ", "Bearer x"} {
			if got := b.askAs(authorization); got != 503 {
				t.Errorf("tokens %q, authorization %q: status %d", content, authorization, got)
			}
		}
		b.wantCalls(0)
		b.token.set("x", nil) // and it is not remembered
		if got := b.askAs("Bearer x"); got != 200 {
			t.Errorf("once there is a token: status %d", got)
		}
	}
	b := withTokens(t, "x")
	b.token.err = errDown
	if got := b.askAs("Bearer x"); got != 503 {
		t.Errorf("secret not readable: status %d", got)
	}
	if strings.Contains(b.logs.String(), "Bearer") {
		t.Errorf("log: %s", b.logs.String())
	}
}

func TestTokensAreRotated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := withTokens(t, "old")
		if b.askAs("Bearer old") != 200 || b.token.asked != 1 {
			t.Errorf("asked %d times for the first request", b.token.asked)
		}
		b.token.set("old\nnew", nil)
		if b.askAs("Bearer new") != 200 || b.token.asked != 2 {
			t.Errorf("a new token is not let in at once; asked %d times", b.token.asked)
		}
		b.token.set("new", nil)
		if b.askAs("Bearer old") != 200 {
			t.Error("a cached token is refused")
		}
		time.Sleep(5 * time.Minute)
		if b.askAs("Bearer old") != 401 || b.askAs("Bearer new") != 200 {
			t.Error("a removed token is still let in after its time")
		}
	})
}

func TestUnknownTokensDoNotStormSecretsManager(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := withTokens(t, "token")
		started := time.Now()
		for time.Since(started) < 4*time.Minute {
			if got := b.askAs("Bearer wrong"); got != 401 {
				t.Fatalf("status %d", got)
			}
			time.Sleep(time.Second)
		}
		if b.token.asked > 1+8 {
			t.Errorf("asked %d times in 4 minutes", b.token.asked)
		}
	})
}

// TestWhileSecretsManagerFailsTokensStayInUse: also unknown tokens are then refused, and not answered with an error.
func TestWhileSecretsManagerFailsTokensStayInUse(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := withTokens(t, "token")
		b.askAs("Bearer token")
		b.token.set("", errDown)
		for range 3 {
			if b.askAs("Bearer token") != 200 || b.askAs("Bearer wrong") != 401 {
				t.Error("the tokens at hand are not used")
			}
			time.Sleep(5 * time.Minute)
		}
	})
}

func TestTokensTakenAway(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := withTokens(t, "token")
		b.askAs("Bearer token")
		b.token.set("\n", nil)
		time.Sleep(5 * time.Minute)
		if got := b.askAs("Bearer token"); got != 503 {
			t.Errorf("status %d", got)
		}
	})
}
