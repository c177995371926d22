package page

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"helpcrunch-mark-read/local/loopback"
	"helpcrunch-mark-read/local/simulator"
)

func TestWhatIsSent(t *testing.T) {
	const caller = "|Bearer local-caller-token|"
	for _, tc := range []struct {
		name, action, body string
		http               []string // what the HTTP API was asked
		queue              []string // bodies on the queue
	}{
		{
			name: "a mark by HTTP", action: "mark", body: `{"via": "http", "chat": "5208", "reader": "agent", "read": true}`,
			http: []string{"PUT|/v1/chats/readByAgent" + caller + `|{"id": 5208, "reader": "agent", "read": true}`},
		},
		{
			name: "a mark by HTTP, for later", action: "mark", body: `{"via": "async", "chat": "5209", "reader": "customer", "read": false}`,
			http: []string{"PUT|/v1/chats/readByCustomer" + caller + `respond-async|{"id": 5209, "reader": "customer", "read": false}`},
		},
		{
			name: "a mark by queue", action: "mark", body: `{"via": "queue", "chat": "5208", "reader": "agent", "read": true}`,
			queue: []string{`{"id": 5208, "reader": "agent", "read": true}`},
		},
		{
			name: "a contradiction by HTTP", action: "contradict", body: `{"via": "http", "chat": "5208", "reader": "agent"}`,
			http: []string{
				"PUT|/v1/chats/readByAgent" + caller + `|{"id": 5208, "reader": "agent", "read": true}`,
				"PUT|/v1/chats/readByAgent" + caller + `|{"id": 5208, "reader": "agent", "read": false}`,
				"PUT|/v1/chats/readByAgent" + caller + `|{"id": 5208, "reader": "agent", "read": true}`,
			},
		},
		{
			name: "a contradiction by queue", action: "contradict", body: `{"via": "queue", "chat": "5208", "reader": "customer", "read": false}`,
			queue: []string{
				`{"id": 5208, "reader": "customer", "read": true}`,
				`{"id": 5208, "reader": "customer", "read": false}`,
				`{"id": 5208, "reader": "customer", "read": true}`,
			},
		},
		{
			name: "a mark with a bound by queue", action: "mark", body: `{"via": "queue", "chat": "9223372036854775807", "reader": "agent", "read": true, "asOf": 1700000000}`,
			queue: []string{`{"id": 9223372036854775807, "reader": "agent", "read": true, "asOf": 1700000000}`},
		},
		{
			name: "an unknown chat", action: "unknown", body: `{"via": "queue"}`,
			queue: []string{`{"id": 404404, "reader": "agent", "read": true}`},
		},
		{
			name: "an invalid message", action: "invalid", body: `{"via": "queue"}`,
			queue: []string{`{"id": "5208", "reader": "agent", "read": "yes"}`},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := newHarnessWithGateway(t)
			if status, answer := h.act(tc.action, tc.body); status != http.StatusOK {
				t.Fatalf("%d: %s", status, answer)
			}
			if !slices.Equal(h.gateway.asked, tc.http) {
				t.Errorf("the HTTP API was asked\n%q, want\n%q", h.gateway.asked, tc.http)
			}
			messages := h.messages("marks.fifo")
			if got := bodies(messages); !slices.Equal(got, tc.queue) {
				t.Errorf("on the queue lie\n%q, want\n%q", got, tc.queue)
			}
			for _, m := range messages {
				if m.GroupID != messages[0].GroupID {
					t.Errorf("groups %q and %q: marks for one chat must be of one group", m.GroupID, messages[0].GroupID)
				}
			}
		})
	}
}

func TestBursts(t *testing.T) {
	h := newHarnessWithGateway(t)
	if _, answer := h.act("burst", `{"via": "http"}`); !strings.HasPrefix(answer, `{"text":"20 of 20 marks made.",`) || len(h.gateway.asked) != httpBurst {
		t.Errorf("%s after %d calls", answer, len(h.gateway.asked))
	}
	if _, answer := h.act("burst", `{"via": "queue"}`); answer != `{"text":"60 messages on the queue."}` || len(h.messages("marks.fifo")) != queueBurst {
		t.Errorf("%s, and %d messages", answer, len(h.messages("marks.fifo")))
	}
	h.gateway.status, h.gateway.body = http.StatusTooManyRequests, `{"errors":[]}`
	if _, answer := h.act("burst", `{"via": "http"}`); !strings.Contains(answer, `"text":"0 of 20 marks made."`) || !strings.Contains(answer, `"failed":true`) {
		t.Errorf("a refused burst is shown as %s", answer)
	}
}

func TestAnswersAreShown(t *testing.T) {
	const mark = `{"via": "http", "chat": "5208", "reader": "agent", "read": true}`
	h := newHarnessWithGateway(t)
	for _, tc := range []struct {
		name   string
		status int
		body   string
		want   []string
	}{
		{"applied", 200, `{"id":5208}`, []string{`"text":"HTTP 200 in `, `"answer":"{\n  \"id\": 5208\n}"`}},
		{"refused", 404, `{"errors":[]}`, []string{`"text":"HTTP 404 in `, `"failed":true`}},
		{"not JSON", 502, "oops <b>", []string{`"text":"HTTP 502 in `, `"answer":"oops \u003cb\u003e"`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h.gateway.status, h.gateway.body = tc.status, tc.body
			status, answer := h.act("mark", mark)
			for _, want := range tc.want {
				if status != http.StatusOK || !strings.Contains(answer, want) {
					t.Errorf("%d %s, want %s in it", status, answer, want)
				}
			}
		})
	}
}

func TestWrongActions(t *testing.T) {
	h := newHarness(t, "http://127.0.0.1:1")
	for _, tc := range []struct {
		name, action, body string
		status             int
		says               string
	}{
		{"unknown", "explode", `{}`, 404, "no such action"},
		{"no body", "mark", ``, 400, "the action's body"},
		{"an unknown field", "mark", `{"chats": 1}`, 400, "chats"},
		{"a huge body", "mark", `{"via": "` + strings.Repeat("x", maxInput) + `"}`, 400, "too large"},
		{"no chat", "mark", `{"via": "http", "reader": "agent"}`, 400, "starts at 1"},
		{"no reader", "contradict", `{"via": "http", "chat": "1"}`, 400, "agent or customer"},
		{"no way", "unknown", `{}`, 400, "via must be"},
		{"no condition", "condition", `{"condition": "hail"}`, 400, "no such condition"},
		{"no limit", "limit", `{"limit": 0}`, 400, "at least 1"},
		{"a dead HTTP API", "mark", `{"via": "http", "chat": "1", "reader": "agent"}`, 502, "cannot be reached"},
		{"a message in no chat", "message", `{"chat": "1", "from": "customer"}`, 400, "there is no chat 1"},
		{"a message from nobody", "message", `{"chat": "5208"}`, 400, "a message is from"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			status, answer := h.act(tc.action, tc.body)
			if status != tc.status || !strings.Contains(answer, tc.says) || !strings.HasPrefix(answer, `{"error":`) {
				t.Errorf("%d %s, want %d and %q", status, answer, tc.status, tc.says)
			}
		})
	}
}

func TestBreakingAndRepairing(t *testing.T) {
	h := newHarnessWithGateway(t)
	shown := func() string {
		snapshot, err := h.page.snapshot()
		if err != nil {
			t.Fatal(err)
		}
		return snapshot.Condition
	}
	for name := range conditions {
		if status, answer := h.act("condition", fmt.Sprintf(`{"condition": %q}`, name)); status != http.StatusOK || shown() != name {
			t.Errorf("%s: %d %s, and the page shows %q", name, status, answer, shown())
		}
	}
	if err := h.simulator.AddFault(simulator.Fault{Kind: simulator.Forbidden, Chat: 1}); err != nil || shown() != "" {
		t.Errorf("something without a switch is shown as %q (%v)", shown(), err)
	}
	h.act("pause", `{}`)
	h.act("limit", `{"limit": 20}`)
	h.act("revoke", `{}`)
	if s := h.simulator.State(); s.AcceptedKeys != 0 || s.Limit.RequestsPerMinute != 20 {
		t.Errorf("state = %+v", s)
	}
	if status, answer := h.act("repair", `{}`); status != http.StatusOK || shown() != up || h.mapping.paused {
		t.Errorf("repaired: %d %s, %q, paused %t", status, answer, shown(), h.mapping.paused)
	}
	if s := h.simulator.State(); s.AcceptedKeys != 1 || s.Limit.RequestsPerMinute != 120 {
		t.Errorf("state = %+v", s)
	}
}

func TestAnOvertakenMarkIsShown(t *testing.T) {
	h := newHarnessWithGateway(t)
	h.gateway.overtaken = true
	if _, answer := h.act("mark", `{"via": "http", "chat": "5208", "reader": "agent", "read": true, "asOf": 5}`); !strings.Contains(answer, "HTTP 200 (overtaken) in") {
		t.Error(answer)
	}
}

func TestPausingAndWriting(t *testing.T) {
	h := newHarness(t, "http://gateway.local")
	if status, answer := h.act("pause", `{}`); status != http.StatusOK || !h.mapping.paused {
		t.Errorf("pause: %d %s", status, answer)
	}
	if snapshot, err := h.page.snapshot(); err != nil || !snapshot.Paused {
		t.Errorf("shown as running (%v)", err)
	}
	if status, answer := h.act("resume", `{}`); status != http.StatusOK || h.mapping.paused {
		t.Errorf("resume: %d %s", status, answer)
	}
	before, _ := h.simulator.Chat(5208)
	for _, body := range []string{`{"chat": "5208", "from": "customer", "beforeNextCall": true}`, `{"chat": "5208", "from": "agent"}`} {
		if status, answer := h.act("message", body); status != http.StatusOK {
			t.Errorf("%s: %d %s", body, status, answer)
		}
	}
	if now, _ := h.simulator.Chat(5208); now.LastMessageAt <= before.LastMessageAt || now.LastCustomerMessageAt != before.LastCustomerMessageAt {
		t.Errorf("before %+v, now %+v", before, now)
	}
}

func TestRotatedKeyIsTheOneInTheSecret(t *testing.T) {
	h := newHarness(t, "http://gateway.local")
	if status, answer := h.act("rotate", `{}`); status != http.StatusOK {
		t.Fatal(answer)
	}
	client := secretsmanager.New(secretsmanager.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://secrets.local"), Credentials: credentials.NewStaticCredentialsProvider("x", "x", ""),
		HTTPClient: &http.Client{Transport: loopback.Transport(h.secrets)},
	})
	secret, err := client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String("helpcrunch/api-key")})
	if err != nil {
		t.Fatal(err)
	}
	for _, tc := range []struct {
		name, key string
		status    int
	}{
		{"the old key", key, http.StatusUnauthorized},
		{"the one in the secret", *secret.SecretString, http.StatusOK},
	} {
		r := httptest.NewRequest(http.MethodPut, "http://helpcrunch.local/v1/chats/readByAgent", strings.NewReader(`{"id": 5208, "read": true}`))
		r.Header.Set("Authorization", "Bearer "+tc.key)
		w := httptest.NewRecorder()
		h.simulator.ServeHTTP(w, r)
		if w.Code != tc.status {
			t.Errorf("%s: status %d, want %d", tc.name, w.Code, tc.status)
		}
	}
}
