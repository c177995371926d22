package page

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"helpcrunch-mark-read/local/loopback"
	"helpcrunch-mark-read/local/secretsmanager"
	"helpcrunch-mark-read/local/simulator"
	"helpcrunch-mark-read/local/sqs"
	"helpcrunch-mark-read/local/stack"
)

const key = "a-key-of-the-tests"

// harness is a page on real parts, but for the functions: an HTTP API with a set answer, and nobody who works through
// the queue.
type harness struct {
	t         *testing.T
	page      *Page
	feed      *Feed
	simulator *simulator.Simulator
	secrets   *secretsmanager.Server
	queues    *sqs.Server
	client    *awssqs.Client
	mapping   mapping
	gateway   *gateway
}

// mapping notes whether it is paused.
type mapping struct{ paused bool }

func (m *mapping) Pause()       { m.paused = true }
func (m *mapping) Resume()      { m.paused = false }
func (m *mapping) Paused() bool { return m.paused }

func newHarness(t *testing.T, gatewayURL string) *harness {
	t.Helper()
	sim, err := simulator.New(simulator.Options{Keys: []string{key}, RequestsPerMinute: simulator.Unlimited})
	if err != nil {
		t.Fatal(err)
	}
	h := &harness{t: t, feed: NewFeed(), simulator: sim, secrets: secretsmanager.New(secretsmanager.Options{}), queues: sqs.New(sqs.Options{})}
	h.client = awssqs.New(awssqs.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://sqs.local"), Credentials: credentials.NewStaticCredentialsProvider("x", "x", ""),
		HTTPClient: &http.Client{Transport: loopback.Transport(h.queues)}, RetryMaxAttempts: 1,
	})
	for _, name := range []string{"marks.fifo", "dead.fifo"} {
		input := &awssqs.CreateQueueInput{QueueName: aws.String(name), Attributes: map[string]string{"FifoQueue": "true"}}
		if _, err := h.client.CreateQueue(t.Context(), input); err != nil {
			t.Fatal(err)
		}
	}
	h.page = New(Options{
		Stack: &stack.Stack{
			Simulator: sim, Secrets: h.secrets, SQS: h.queues, Client: h.client, GatewayURL: gatewayURL, QueueName: "marks.fifo", DeadName: "dead.fifo",
		},
		Mapping: &h.mapping, Feed: h.feed, OpsFlags: "--local", Help: func() string { return "what to paste" },
	})
	return h
}

// newHarnessWithGateway adds an HTTP API that answers everything with 200.
func newHarnessWithGateway(t *testing.T) *harness {
	t.Helper()
	g := &gateway{status: http.StatusOK, body: `{"id":5208}`}
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	h := newHarness(t, server.URL)
	h.gateway = g
	return h
}

// gateway is an HTTP API that notes what it is asked.
type gateway struct {
	status    int
	body      string
	overtaken bool

	mu    sync.Mutex
	asked []string // method, path, authorization, Prefer and body
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	g.mu.Lock()
	g.asked = append(g.asked, strings.Join([]string{r.Method, r.URL.Path, r.Header.Get("Authorization"), r.Header.Get("Prefer"), string(body)}, "|"))
	g.mu.Unlock()
	if g.overtaken {
		w.Header().Set("Mark-Overtaken", "true")
	}
	w.WriteHeader(g.status)
	_, _ = io.WriteString(w, g.body)
}

// act calls an action as the page's own script does.
func (h *harness) act(name, body string) (status int, answer string) {
	h.t.Helper()
	r := httptest.NewRequestWithContext(h.t.Context(), http.MethodPost, "http://127.0.0.1/actions/"+name, strings.NewReader(body))
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := httptest.NewRecorder()
	h.page.ServeHTTP(w, r)
	return w.Code, strings.TrimSpace(w.Body.String())
}

func (h *harness) messages(queue string) []sqs.Message {
	h.t.Helper()
	messages, err := h.queues.Messages(queue)
	if err != nil {
		h.t.Fatal(err)
	}
	return messages
}

func bodies(messages []sqs.Message) []string {
	var list []string
	for _, m := range messages {
		list = append(list, m.Body)
	}
	return list
}
