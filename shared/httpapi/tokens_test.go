package httpapi_test

import (
	"context"
	"crypto/sha256"
	"regexp"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/smithy-go"

	fake "helpcrunch-mark-read/shared/helpcrunch/helpcrunchtest"
	"helpcrunch-mark-read/shared/httpapi"
	"helpcrunch-mark-read/shared/secret"
)

// The tokens of the tests, and others that are well formed and not among them.
const (
	firstToken  = "first-token-0123456789"
	secondToken = "second+token/0123456789="
	wrongToken  = "wrong-token-0123456789"
)

// withTokens is a function that checks tokens itself.
func withTokens(t *testing.T, content string) *harness {
	t.Helper()
	b := newHarness(t, fake.Answer(200, "{}"))
	b.token.content = content
	b.Tokens = httpapi.NewTokens(readTokens(&b.token), 5*time.Minute)
	return b
}

// secretsManager is the vault behind Secrets Manager's API.
type secretsManager struct{ *vault }

func (s secretsManager) GetSecretValue(ctx context.Context, _ *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked++
	select {
	case <-time.After(s.takes):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	return &secretsmanager.GetSecretValueOutput{SecretString: aws.String(s.content)}, s.err
}

// readTokens reads the vault's tokens as the function does.
func readTokens(v *vault) secret.Fetch[[][sha256.Size]byte] {
	return secret.FromSecretsManager(secretsManager{v}, "tokens", httpapi.ParseTokens)
}

// askAs sends the usual request with an Authorization header, and returns its status.
func (h *harness) askAs(authorization string) int {
	h.t.Helper()
	a := h.put(load(h.t, "api_gateway.json").header("authorization", authorization))
	switch a.StatusCode {
	case 401:
		a.want(h.t, 401, "unauthorized")
		if a.Headers["WWW-Authenticate"] != "Bearer" {
			h.t.Errorf("WWW-Authenticate: %q", a.Headers["WWW-Authenticate"])
		}
	case 503:
		a.want(h.t, 503, "key_unavailable")
		if a.Headers["Retry-After"] == "" {
			h.t.Error("503 without Retry-After")
		}
	}
	return a.StatusCode
}

func TestTokens(t *testing.T) {
	const tokens = "\ufeff " + firstToken + " \r\n\r\n\t" + secondToken + "\n"
	for _, tc := range []struct {
		name, authorization string
		status              int
	}{
		{"first", "Bearer " + firstToken, 200},
		{"second", "Bearer " + secondToken, 200},
		{"scheme in another case", "bEARER " + firstToken, 200},
		{"space around", "  Bearer   " + firstToken + " ", 200},
		{"none", "", 401},
		{"unknown", "Bearer " + wrongToken, 401},
		{"token in another case", "Bearer First-Token-0123456789", 401},
		{"beginning of one", "Bearer " + firstToken[:len(firstToken)-1], 401},
		{"more than one", "Bearer " + firstToken + "2", 401},
		{"without scheme", firstToken, 401},
		{"another scheme", "Basic " + firstToken, 401},
		{"scheme without token", "Bearer", 401},
		{"empty token", "Bearer ", 401},
		{"both", "Bearer " + firstToken + "\n" + secondToken, 401},
		{"two headers, joined", "Bearer " + firstToken + ",Bearer " + firstToken, 401},
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
			if strings.Contains(b.logs.String(), "token/0123") || strings.Contains(b.logs.String(), "first-token") {
				t.Errorf("a token is in the log: %s", b.logs.String())
			}
		})
	}
	t.Run("header in another case", func(t *testing.T) {
		b := withTokens(t, tokens)
		if a := b.put(load(t, "api_gateway.json").header("AUTHORIZATION", "Bearer "+firstToken)); a.StatusCode != 200 {
			t.Errorf("status %d", a.StatusCode)
		}
	})
}

func TestTheTokenIsCheckedBeforeAnythingElse(t *testing.T) {
	for name, e := range map[string]event{
		"unknown path":  load(t, "function_url.json").with("rawPath", "/"),
		"wrong method":  load(t, "function_url.json").method("GET"),
		"invalid":       load(t, "api_gateway.json").with("body", "{}"),
		"to the queue":  load(t, "api_gateway.json").header("prefer", "respond-async"),
		"broken base64": load(t, "function_url.json").with("body", "{"),
	} {
		t.Run(name, func(t *testing.T) {
			b := withTokens(t, firstToken)
			b.put(e).want(t, 401, "unauthorized")
			if len(b.queue.sent) > 0 || b.key.asked > 0 {
				t.Error("something was done for it")
			}
		})
	}
}

func TestTokensThatCannotBeUsedLetNobodyIn(t *testing.T) {
	for name, content := range map[string]string{
		"empty": "", "white space": " \r\n\t\n\ufeff", "a short token": "x", "pretty-printed JSON with a short token": "{\n  \"crm\": \"x\"\n}\n",
		"a comment": "# CRM\n" + firstToken, "a rule": firstToken + "\n---", "a value that is no string": `{"crm": "` + firstToken + `", "app": 1}`, "broken JSON": "{\n" + firstToken,
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := withTokens(t, content)
				for _, authorization := range []string{"", "Bearer ", "Bearer x", "Bearer {", "Bearer # CRM", "Bearer ---", "Bearer " + firstToken} {
					if got := b.askAs(authorization); got != 503 {
						t.Errorf("authorization %q: status %d", authorization, got)
					}
				}
				b.wantCalls(0)
				if b.token.asked != 1 {
					t.Errorf("the secret was read %d times in the same moment", b.token.asked)
				}
				if logs := b.logs.String(); strings.Contains(logs, "first-token") || strings.Contains(logs, "crm") {
					t.Errorf("the log quotes the secret: %s", logs)
				}
				b.token.set(firstToken, nil)
				time.Sleep(5 * time.Second)
				if got := b.askAs("Bearer " + firstToken); got != 200 {
					t.Errorf("once there is a token: status %d", got)
				}
			})
		})
	}
}

func TestTokensThatCannotBeReadLetNobodyIn(t *testing.T) {
	b := withTokens(t, firstToken)
	b.token.err = errDown
	if got := b.askAs("Bearer " + firstToken); got != 503 {
		t.Errorf("secret not readable: status %d", got)
	}
	if strings.Contains(b.logs.String(), "Bearer") {
		t.Errorf("log: %s", b.logs.String())
	}
	b.token.set(firstToken, nil) // and it is not remembered
	if got := b.askAs("Bearer " + firstToken); got != 200 {
		t.Errorf("once it is readable: status %d", got)
	}
}

func TestTokensInAnObject(t *testing.T) {
	b := withTokens(t, `{"crm": "`+firstToken+`", "app": "`+secondToken+`"}`)
	for token, want := range map[string]int{firstToken: 200, secondToken: 200, wrongToken: 401, "crm": 401, "{": 401} {
		if got := b.askAs("Bearer " + token); got != want {
			t.Errorf("%s: status %d, want %d", token, got, want)
		}
	}
}

func TestTokensAreRotated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := withTokens(t, firstToken)
		if b.askAs("Bearer "+firstToken) != 200 || b.token.asked != 1 {
			t.Errorf("asked %d times for the first request", b.token.asked)
		}
		b.token.set(firstToken+"\n"+secondToken, nil)
		if b.askAs("Bearer "+secondToken) != 200 || b.token.asked != 2 {
			t.Errorf("a new token is not let in at once; asked %d times", b.token.asked)
		}
		b.token.set(secondToken, nil)
		if b.askAs("Bearer "+firstToken) != 200 {
			t.Error("a cached token is refused")
		}
		time.Sleep(time.Minute)
		if b.askAs("Bearer "+firstToken) != 401 || b.askAs("Bearer "+secondToken) != 200 {
			t.Error("a removed token is still let in after its time")
		}
	})
}

// TestTokensAreCachedForTheirTime: for a minute, or for the key's time where that is less.
func TestTokensAreCachedForTheirTime(t *testing.T) {
	for ttl, want := range map[time.Duration]time.Duration{5 * time.Minute: time.Minute, 24 * time.Hour: time.Minute, 10 * time.Second: 10 * time.Second} {
		synctest.Test(t, func(t *testing.T) {
			b := withTokens(t, firstToken)
			b.Tokens = httpapi.NewTokens(readTokens(&b.token), ttl)
			b.askAs("Bearer " + firstToken)
			time.Sleep(want - 1)
			if b.askAs("Bearer " + firstToken); b.token.asked != 1 {
				t.Errorf("time %s: read again before %s", ttl, want)
			}
			time.Sleep(time.Nanosecond)
			if b.askAs("Bearer " + firstToken); b.token.asked != 2 {
				t.Errorf("time %s: not read again after %s", ttl, want)
			}
		})
	}
}

func TestUnknownTokensDoNotStormSecretsManager(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := withTokens(t, firstToken)
		started := time.Now()
		for time.Since(started) < 4*time.Minute {
			if got := b.askAs("Bearer " + wrongToken); got != 401 {
				t.Fatalf("status %d", got)
			}
			time.Sleep(time.Second)
		}
		if b.token.asked > 1+8 {
			t.Errorf("asked %d times in 4 minutes", b.token.asked)
		}
	})
}

// TestThroughAnOutageTokensCountForAnHour: unknown tokens are refused meanwhile, and not answered with an error.
func TestThroughAnOutageTokensCountForAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := withTokens(t, firstToken)
		b.askAs("Bearer " + firstToken)
		b.token.set("", errDown)
		for range 59 {
			time.Sleep(time.Minute)
			if b.askAs("Bearer "+firstToken) != 200 || b.askAs("Bearer "+wrongToken) != 401 {
				t.Error("the cached tokens are not used")
			}
		}
		time.Sleep(time.Minute)
		if b.askAs("Bearer "+firstToken) != 503 || b.askAs("Bearer "+wrongToken) != 503 {
			t.Error("after an hour the tokens are still let in")
		}
		b.token.set(firstToken, nil)
		if b.askAs("Bearer "+firstToken) != 200 {
			t.Error("the outage is over, and the token is refused")
		}
	})
}

// TestTokensTakenAway: a leaked token is revoked by whatever takes the secret away.
func TestTokensTakenAway(t *testing.T) {
	for name, take := range map[string]func(*vault){
		"emptied":             func(v *vault) { v.set("\n", nil) },
		"made unusable":       func(v *vault) { v.set(firstToken+"\nshort", nil) },
		"deleted":             func(v *vault) { v.set("", &types.ResourceNotFoundException{}) },
		"marked for deletion": func(v *vault) { v.set("", &types.InvalidRequestException{}) },
		"denied":              func(v *vault) { v.set("", &smithy.GenericAPIError{Code: "AccessDeniedException"}) },
		"not to be decrypted": func(v *vault) { v.set("", &types.DecryptionFailure{}) },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b := withTokens(t, firstToken)
				b.askAs("Bearer " + firstToken)
				take(&b.token)
				time.Sleep(time.Minute)
				if got := b.askAs("Bearer " + firstToken); got != 503 {
					t.Errorf("status %d", got)
				}
				time.Sleep(time.Hour)
				if got := b.askAs("Bearer " + firstToken); got != 503 {
					t.Errorf("an hour later: status %d", got)
				}
			})
		})
	}
}

// FuzzTokens holds the token check against a second reading of what it promises: who is let in has sent a token of the
// secret, whole, and a secret with anything else in it lets nobody in.
func FuzzTokens(f *testing.F) {
	for _, text := range foreign {
		f.Add(firstToken+"\n"+text, "Bearer "+text)
		f.Add(text, text)
	}
	f.Add("\ufeff "+firstToken+" \r\n\r\n"+secondToken, "bEARER "+secondToken)
	f.Add(firstToken+"\n"+secondToken, "Bearer "+firstToken+"\n"+secondToken)
	f.Add(" \n\ufeff", "Bearer ")
	f.Add(`{"crm":"`+firstToken+`"}`, "Bearer "+firstToken)
	f.Add("{\n\"crm\":\""+firstToken+"\"\n}", "Bearer {")
	wellFormed := regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`)
	f.Fuzz(func(t *testing.T, content, authorization string) {
		v := vault{content: content}
		allowed, err := httpapi.NewTokens(readTokens(&v), time.Minute).Allows(t.Context(), authorization)
		if strings.HasPrefix(trim(content), "{") { // package callertoken fuzzes what is read from it
			_, token, _ := strings.Cut(authorization, " ")
			if allowed && (err != nil || !wellFormed.MatchString(strings.TrimSpace(token))) {
				t.Fatalf("%q is let in by %q", authorization, content)
			}
			return
		}
		lines := slices.DeleteFunc(strings.Split(content, "\n"), func(line string) bool { return trim(line) == "" })
		usable := len(lines) > 0 && !slices.ContainsFunc(lines, func(line string) bool { return len(trim(line)) < 16 || !wellFormed.MatchString(trim(line)) })
		if (err == nil) != usable {
			t.Fatalf("%q: error %v, but usable %v", content, err, usable)
		}
		isToken := func(line string) bool {
			scheme, token, _ := strings.Cut(strings.TrimSpace(authorization), " ")
			return strings.EqualFold(scheme, "bearer") && trim(line) == strings.TrimSpace(token)
		}
		if want := usable && slices.ContainsFunc(lines, isToken); allowed != want {
			t.Fatalf("%q with the tokens %q: allowed %t, want %t", authorization, content, allowed, want)
		}
	})
}
