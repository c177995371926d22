package httpapi_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"helpcrunch-mark-read/shared/apikey"
	"helpcrunch-mark-read/shared/attempt"
	"helpcrunch-mark-read/shared/helpcrunch"
	"helpcrunch-mark-read/shared/helpcrunch/helpcrunchtest"
	"helpcrunch-mark-read/shared/httpapi"
	"helpcrunch-mark-read/shared/secret"
	"helpcrunch-mark-read/shared/telemetry"
)

const apiKey = `s3cr3t/K"ey`

// harness is the function with everything around it faked, called as Lambda calls it: JSON in, JSON out. Everything in it
// works inside of a synctest bubble.
type harness struct {
	*httpapi.Handler
	t       *testing.T
	server  *helpcrunchtest.Server
	key     vault
	token   vault
	queue   fakeQueue
	logs    bytes.Buffer
	metrics bytes.Buffer
	within  time.Duration // until the function's own deadline; 0: as in the template
}

func newHarness(t *testing.T, answers ...http.HandlerFunc) *harness {
	t.Helper()
	server, transport := helpcrunchtest.NewInMemory(t, answers...)
	h := &harness{t: t, server: server, key: vault{content: apiKey}}
	h.Handler = &httpapi.Handler{
		Attempts: &attempt.Maker{
			Keys:       apikey.New(read(&h.key, apikey.Parse), 5*time.Minute),
			HelpCrunch: helpcrunch.New(server.URL+"/v1", transport, httpapi.MaxBody),
			StartLate:  true,
			RetryOnce:  true,
		},
		Queue: &h.queue, QueueURL: "https://sqs.test/marks.fifo",
		Log: telemetry.NewLogger(&h.logs, "JSON", "DEBUG"), Metrics: &h.metrics, Function: "http",
	}
	t.Cleanup(h.checkPrivacy)
	return h
}

// checkPrivacy looks in all that was logged for what no line may hold: the key, and the people and words of the fixtures.
func (h *harness) checkPrivacy() {
	for _, private := range []string{apiKey, "s3cr3t", "Ann Agent", "Carl Customer", "@example", "Caf\u00e9", `Caf\u00e9`} {
		if logged := h.logs.String() + h.metrics.String(); strings.Contains(logged, private) {
			h.t.Errorf("%q was logged in %.2000s", private, logged)
		}
	}
}

// vault is a secret. It takes its time, and fails where there is an error.
type vault struct {
	mu      sync.Mutex
	content string
	err     error
	takes   time.Duration
	asked   int
}

func (v *vault) set(content string, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.content, v.err = content, err
}

func read[T any](v *vault, parse func(string) (T, error)) secret.Fetch[T] {
	return func(ctx context.Context) (T, error) {
		v.mu.Lock()
		defer v.mu.Unlock()
		v.asked++
		var none T
		select {
		case <-time.After(v.takes):
		case <-ctx.Done():
			return none, &secret.UnavailableError{Reason: "late", Cause: ctx.Err()}
		}
		if v.err != nil {
			return none, &secret.UnavailableError{Reason: v.err.Error(), Cause: v.err}
		}
		value, err := parse(secret.Trim(v.content))
		if err != nil {
			return none, &secret.UnavailableError{Reason: err.Error(), Unusable: true}
		}
		return value, nil
	}
}

var errDown = errors.New("down")

// fakeQueue is SQS.
type fakeQueue struct {
	sent []*sqs.SendMessageInput
	send func(ctx context.Context) error
}

func (q *fakeQueue) SendMessage(ctx context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	q.sent = append(q.sent, in)
	if q.send != nil {
		if err := q.send(ctx); err != nil {
			return nil, err
		}
	}
	return &sqs.SendMessageOutput{MessageId: aws.String(fmt.Sprintf("message-%d", len(q.sent)))}, nil
}

// event is a request as API Gateway's fixture has it, with changes.
type event map[string]any

func load(t *testing.T, name string) event {
	t.Helper()
	content, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	var e event
	if err := json.Unmarshal(content, &e); err != nil {
		t.Fatal(err)
	}
	return e
}

func (e event) header(name, value string) event {
	e["headers"].(map[string]any)[name] = value
	return e
}

func (e event) with(name string, value any) event {
	e[name] = value
	return e
}

func (e event) method(method string) event {
	e["requestContext"].(map[string]any)["http"].(map[string]any)["method"] = method
	return e
}

func (e event) stage(name string) event {
	e["requestContext"].(map[string]any)["stage"] = name
	return e
}

// answer is what API Gateway would return to the caller.
type answer struct {
	StatusCode      int               `json:"statusCode"`
	Headers         map[string]string `json:"headers"`
	Body            string            `json:"body"`
	IsBase64Encoded bool              `json:"isBase64Encoded"`
}

// put sends the usual request with changes made by the caller.
func (h *harness) put(e event) answer {
	h.t.Helper()
	payload, err := json.Marshal(e)
	if err != nil {
		h.t.Fatal(err)
	}
	return h.invoke(payload)
}

// invoke is one invocation, with what must be true of every answer.
func (h *harness) invoke(payload []byte) answer {
	h.t.Helper()
	started := time.Now()
	ctx, cancel := context.WithTimeout(h.t.Context(), cmp.Or(h.within, 15*time.Second))
	defer cancel()
	out, err := lambda.NewHandler(h.Handle).Invoke(ctx, payload)
	if err != nil {
		h.t.Fatalf("the invocation failed: %v", err)
	}
	if took := time.Since(started); took > 10*time.Second {
		h.t.Errorf("the answer took %s", took)
	}
	if len(out) > 6<<20 {
		h.t.Errorf("an answer of %d bytes is more than Lambda takes", len(out))
	}
	var a answer
	if err := json.Unmarshal(out, &a); err != nil {
		h.t.Fatal(err)
	}
	if a.IsBase64Encoded {
		body, err := base64.StdEncoding.DecodeString(a.Body)
		if err != nil {
			h.t.Fatal(err)
		}
		a.Body = string(body)
	}
	if got := a.Headers["Content-Type"]; got != "application/json" {
		h.t.Errorf("content type %q", got)
	}
	if sent := a.Body + fmt.Sprint(a.Headers); strings.Contains(sent, apiKey) || strings.Contains(sent, "s3cr3t") {
		h.t.Errorf("the caller sees the key: %.500s", sent)
	}
	return a
}

// ask sends the fixture of API Gateway.
func (h *harness) ask() answer {
	h.t.Helper()
	return h.put(load(h.t, "api_gateway.json"))
}

// codes returns the codes of an answer in HelpCrunch's error shape; each must have a message.
func (a answer) codes(t *testing.T) []string {
	t.Helper()
	var shape struct {
		Errors []struct{ Code, Message string }
	}
	decoder := json.NewDecoder(strings.NewReader(a.Body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&shape); err != nil || len(shape.Errors) == 0 {
		t.Fatalf("%v: not HelpCrunch's error shape: %.300s", err, a.Body)
	}
	var codes []string
	for _, e := range shape.Errors {
		if e.Code == "" || e.Message == "" {
			t.Errorf("an error without code or message: %+v", e)
		}
		codes = append(codes, e.Code)
	}
	return codes
}

func (a answer) want(t *testing.T, status int, codes ...string) {
	t.Helper()
	if a.StatusCode != status {
		t.Errorf("status %d, want %d: %.300s", a.StatusCode, status, a.Body)
		return
	}
	if got := a.codes(t); strings.Join(got, ",") != strings.Join(codes, ",") {
		t.Errorf("codes %v, want %v", got, codes)
	}
}

func (h *harness) wantCalls(n int) {
	h.t.Helper()
	if got := len(h.server.Requests()); got != n {
		h.t.Errorf("HelpCrunch was called %d times, want %d", got, n)
	}
}

func fixture(t *testing.T, name string) string {
	t.Helper()
	content, err := os.ReadFile("../helpcrunch/testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
