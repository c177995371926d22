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

func TestWhatTheDoorsAreSent(t *testing.T) {
	const caller = "|Bearer a-caller-token|"
	for _, tc := range []struct {
		name, action, body string
		http               []string // what the HTTP API was asked
		queue              []string // bodies on the queue
	}{
		{
			name: "a mark by HTTP", action: "mark", body: `{"door": "http", "chat": 5208, "reader": "agent", "read": true}`,
			http: []string{"PUT|/v1/chats/readByAgent" + caller + `|{"id": 5208, "reader": "agent", "read": true}`},
		},
		{
			name: "a mark by HTTP, for later", action: "mark", body: `{"door": "later", "chat": 5209, "reader": "customer", "read": false}`,
			http: []string{"PUT|/v1/chats/readByCustomer" + caller + `respond-async|{"id": 5209, "reader": "customer", "read": false}`},
		},
		{
			name: "a mark by queue", action: "mark", body: `{"door": "queue", "chat": 5208, "reader": "agent", "read": true}`,
			queue: []string{`{"id": 5208, "reader": "agent", "read": true}`},
		},
		{
			name: "a contradiction by HTTP", action: "contradict", body: `{"door": "http", "chat": 5208, "reader": "agent"}`,
			http: []string{
				"PUT|/v1/chats/readByAgent" + caller + `|{"id": 5208, "reader": "agent", "read": true}`,
				"PUT|/v1/chats/readByAgent" + caller + `|{"id": 5208, "reader": "agent", "read": false}`,
				"PUT|/v1/chats/readByAgent" + caller + `|{"id": 5208, "reader": "agent", "read": true}`,
			},
		},
		{
			name: "a contradiction by queue", action: "contradict", body: `{"door": "queue", "chat": 5208, "reader": "customer", "read": false}`,
			queue: []string{
				`{"id": 5208, "reader": "customer", "read": true}`,
				`{"id": 5208, "reader": "customer", "read": false}`,
				`{"id": 5208, "reader": "customer", "read": true}`,
			},
		},
		{
			name: "an unknown chat", action: "unknown", body: `{"door": "queue"}`,
			queue: []string{`{"id": 404404, "reader": "agent", "read": true}`},
		},
		{
			name: "no mark", action: "nonsense", body: `{"door": "queue"}`,
			queue: []string{`{"id": "5208", "reader": "agent", "read": "yes"}`},
		},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBenchWithGateway(t)
			if status, answer := b.act(tc.action, tc.body); status != http.StatusOK {
				t.Fatalf("%d: %s", status, answer)
			}
			if !slices.Equal(b.gateway.asked, tc.http) {
				t.Errorf("the HTTP API was asked\n%q, want\n%q", b.gateway.asked, tc.http)
			}
			messages := b.messages("marks.fifo")
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
	b := newBenchWithGateway(t)
	if _, answer := b.act("burst", `{"door": "http"}`); answer != `{"text":"20 of 20 marks made."}` || len(b.gateway.asked) != httpBurst {
		t.Errorf("%s after %d calls", answer, len(b.gateway.asked))
	}
	if _, answer := b.act("burst", `{"door": "queue"}`); answer != `{"text":"60 messages on the queue."}` || len(b.messages("marks.fifo")) != queueBurst {
		t.Errorf("%s, and %d messages", answer, len(b.messages("marks.fifo")))
	}
	b.gateway.status, b.gateway.body = http.StatusTooManyRequests, `{"errors":[]}`
	if _, answer := b.act("burst", `{"door": "http"}`); !strings.Contains(answer, `"text":"0 of 20 marks made."`) || !strings.Contains(answer, `"failed":true`) {
		t.Errorf("a refused burst is told as %s", answer)
	}
}

func TestAnswersAreTold(t *testing.T) {
	const mark = `{"door": "http", "chat": 5208, "reader": "agent", "read": true}`
	b := newBenchWithGateway(t)
	for _, tc := range []struct {
		name   string
		status int
		body   string
		want   []string
	}{
		{"applied", 200, `{"id":5208}`, []string{`"text":"HTTP 200 in `, `"answer":"{\n  \"id\": 5208\n}"`}},
		{"refused", 404, `{"errors":[]}`, []string{`"text":"HTTP 404 in `, `"failed":true`}},
		{"no JSON", 502, "oops <b>", []string{`"text":"HTTP 502 in `, `"answer":"oops \u003cb\u003e"`}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b.gateway.status, b.gateway.body = tc.status, tc.body
			status, answer := b.act("mark", mark)
			for _, want := range tc.want {
				if status != http.StatusOK || !strings.Contains(answer, want) {
					t.Errorf("%d %s, want %s in it", status, answer, want)
				}
			}
		})
	}
}

func TestWrongActions(t *testing.T) {
	b := newBench(t, "http://127.0.0.1:1")
	for _, tc := range []struct {
		name, action, body string
		status             int
		says               string
	}{
		{"unknown", "explode", `{}`, 404, "no such action"},
		{"no body", "mark", ``, 400, "the action's body"},
		{"an unknown field", "mark", `{"chats": 1}`, 400, "chats"},
		{"a huge body", "mark", `{"door": "` + strings.Repeat("x", maxInput) + `"}`, 400, "too large"},
		{"no chat", "mark", `{"door": "http", "reader": "agent"}`, 400, "starts at 1"},
		{"no reader", "contradict", `{"door": "http", "chat": 1}`, 400, "agent or customer"},
		{"no door", "unknown", `{}`, 400, "the door must be"},
		{"no weather", "weather", `{"weather": "hail"}`, 400, "no such weather"},
		{"no limit", "limit", `{"limit": 0}`, 400, "at least 1"},
		{"a dead HTTP API", "mark", `{"door": "http", "chat": 1, "reader": "agent"}`, 502, "cannot be reached"},
		{"a letter that is not there", "redrive", `{"letterId": "x"}`, 400, "no longer there"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			status, answer := b.act(tc.action, tc.body)
			if status != tc.status || !strings.Contains(answer, tc.says) || !strings.HasPrefix(answer, `{"error":`) {
				t.Errorf("%d %s, want %d and %q", status, answer, tc.status, tc.says)
			}
		})
	}
}

func TestBreakingAndMending(t *testing.T) {
	b := newBenchWithGateway(t)
	weather := func() string {
		snapshot, err := b.page.snapshot(Totals{})
		if err != nil {
			t.Fatal(err)
		}
		return snapshot.Weather
	}
	for _, w := range weathers() {
		if status, answer := b.act("weather", fmt.Sprintf(`{"weather": %q}`, w.name)); status != http.StatusOK || weather() != w.name {
			t.Errorf("%s: %d %s, and the page shows %q", w.name, status, answer, weather())
		}
	}
	if _, err := b.simulator.AddFault(simulator.Fault{Kind: simulator.Forbidden, Chat: 1}); err != nil || weather() != "" {
		t.Errorf("something without a switch is shown as %q (%v)", weather(), err)
	}
	b.act("limit", `{"limit": 20}`)
	b.act("revoke", `{}`)
	if s := b.simulator.State(); s.AcceptedKeys != 0 || s.Limit.RequestsPerMinute != 20 {
		t.Errorf("state = %+v", s)
	}
	if status, answer := b.act("mend", `{}`); status != http.StatusOK || weather() != fair {
		t.Errorf("mended: %d %s, %q", status, answer, weather())
	}
	if s := b.simulator.State(); s.AcceptedKeys != 1 || s.Limit.RequestsPerMinute != 120 {
		t.Errorf("state = %+v", s)
	}
}

func TestRotatedKeyIsTheOneInTheSecret(t *testing.T) {
	b := newBench(t, "http://gateway.local")
	if status, answer := b.act("rotate", `{}`); status != http.StatusOK {
		t.Fatal(answer)
	}
	client := secretsmanager.New(secretsmanager.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://secrets.local"), Credentials: credentials.NewStaticCredentialsProvider("x", "x", ""),
		HTTPClient: &http.Client{Transport: loopback.Transport(b.secrets)},
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
		b.simulator.ServeHTTP(w, r)
		if w.Code != tc.status {
			t.Errorf("%s: status %d, want %d", tc.name, w.Code, tc.status)
		}
	}
}
