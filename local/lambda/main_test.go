package lambda_test

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"helpcrunch-mark-read/local/lambda"
)

// doomedVariable makes the test program a parent that is to be killed; it names the server that its function calls.
const doomedVariable = "TEST_DOOMED_URL"

// bootstrap is the binary of all functions: this test program, which is a function where it finds a Runtime API.
var bootstrap, _ = os.Executable()

func TestMain(m *testing.M) {
	if os.Getenv("AWS_LAMBDA_RUNTIME_API") != "" {
		runAsFunction()
	}
	if os.Getenv(doomedVariable) != "" {
		invokeUntilKilled()
	}
	os.Exit(m.Run())
}

// newFunction starts nothing yet and is stopped with the test.
func newFunction(t *testing.T, config lambda.Config) *lambda.Function {
	t.Helper()
	config.Name = "test"
	config.Binary = bootstrap
	config.Timeout = cmp.Or(config.Timeout, 30*time.Second)
	config.MaxConcurrency = cmp.Or(config.MaxConcurrency, 1)
	f := lambda.New(config)
	t.Cleanup(func() { _ = f.Stop(context.Background()) })
	return f
}

type answer struct {
	PID         int       `json:"pid"`
	Text        string    `json:"text"`
	Environment []string  `json:"environment"`
	Directory   string    `json:"directory"`
	RequestID   string    `json:"requestId"`
	ARN         string    `json:"arn"`
	TraceID     string    `json:"traceId"`
	Deadline    time.Time `json:"deadline"`
}

// echo invokes a function that must answer.
func echo(t *testing.T, f *lambda.Function) answer {
	t.Helper()
	payload, err := f.Invoke(t.Context(), []byte(`{"text":"hello"}`))
	if err != nil {
		t.Fatal(err)
	}
	var got answer
	if err := json.Unmarshal(payload, &got); err != nil {
		t.Fatalf("%v: %s", err, payload)
	}
	return got
}

// lines collects output.
type lines struct {
	mu   sync.Mutex
	text []string
}

func (l *lines) add(line lambda.Line) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, line.Text)
}

func (l *lines) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return append([]string(nil), l.text...)
}

// invokeUntilKilled is that parent.
func invokeUntilKilled() {
	f := lambda.New(lambda.Config{Name: "orphan", Binary: bootstrap, Timeout: time.Minute, MaxConcurrency: 1})
	_, err := f.Invoke(context.Background(), fmt.Appendf(nil, `{"do":"get","text":%q}`, os.Getenv(doomedVariable)))
	fmt.Fprintln(os.Stderr, "the parent outlived the invocation:", err)
	os.Exit(1)
}
