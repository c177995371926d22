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
)

const key = "a-key-of-the-bench"

// bench is a page on real parts, but for the functions: an HTTP API that answers as told, and nobody who works through
// the queue.
type bench struct {
	t         *testing.T
	page      *Page
	feed      *Feed
	simulator *simulator.Simulator
	secrets   *secretsmanager.Server
	queues    *sqs.Server
	client    *awssqs.Client
	gateway   *gateway
}

func newBench(t *testing.T, gatewayURL string) *bench {
	t.Helper()
	sim, err := simulator.New(simulator.Options{Keys: []string{key}, RequestsPerMinute: simulator.Unlimited})
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, feed: NewFeed(), simulator: sim, secrets: secretsmanager.New(secretsmanager.Options{}), queues: sqs.New(sqs.Options{})}
	b.client = awssqs.New(awssqs.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://sqs.local"), Credentials: credentials.NewStaticCredentialsProvider("x", "x", ""),
		HTTPClient: &http.Client{Transport: loopback.Transport(b.queues)}, RetryMaxAttempts: 1,
	})
	for _, name := range []string{"marks.fifo", "dead.fifo"} {
		input := &awssqs.CreateQueueInput{QueueName: aws.String(name), Attributes: map[string]string{"FifoQueue": "true"}}
		if _, err := b.client.CreateQueue(t.Context(), input); err != nil {
			t.Fatal(err)
		}
	}
	b.page, err = New(Options{
		Simulator: sim, Secrets: b.secrets, Queues: b.queues, Client: b.client, Feed: b.feed, GatewayURL: gatewayURL,
		Token: "a-caller-token", KeySecret: "helpcrunch/api-key", QueueName: "marks.fifo", DeadName: "dead.fifo",
	})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// newBenchWithGateway adds an HTTP API that answers everything with 200.
func newBenchWithGateway(t *testing.T) *bench {
	t.Helper()
	g := &gateway{status: http.StatusOK, body: `{"id":5208}`}
	server := httptest.NewServer(g)
	t.Cleanup(server.Close)
	b := newBench(t, server.URL)
	b.gateway = g
	return b
}

// gateway is an HTTP API that notes what it is asked.
type gateway struct {
	status int
	body   string

	mu    sync.Mutex
	asked []string // method, path, authorization, Prefer and body
}

func (g *gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	g.mu.Lock()
	g.asked = append(g.asked, strings.Join([]string{r.Method, r.URL.Path, r.Header.Get("Authorization"), r.Header.Get("Prefer"), string(body)}, "|"))
	g.mu.Unlock()
	w.WriteHeader(g.status)
	_, _ = io.WriteString(w, g.body)
}

// act calls an action as the page's own script does.
func (b *bench) act(name, body string) (status int, answer string) {
	b.t.Helper()
	r := httptest.NewRequestWithContext(b.t.Context(), http.MethodPost, "http://127.0.0.1/actions/"+name, strings.NewReader(body))
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	w := httptest.NewRecorder()
	b.page.ServeHTTP(w, r)
	return w.Code, strings.TrimSpace(w.Body.String())
}

func (b *bench) messages(queue string) []sqs.Message {
	b.t.Helper()
	messages, err := b.queues.Messages(queue)
	if err != nil {
		b.t.Fatal(err)
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
