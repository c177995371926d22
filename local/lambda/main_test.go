package lambda_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"helpcrunch-mark-read/local/lambda"
)

// bootstrapVariable names the compiled test function, for the tests and for the process that a test lets die.
const bootstrapVariable = "TEST_BOOTSTRAP"

// doomedVariable makes the test program a parent that is to be killed; it names the server that its function calls.
const doomedVariable = "TEST_DOOMED_URL"

func TestMain(m *testing.M) {
	if os.Getenv(doomedVariable) != "" {
		invokeUntilKilled()
	}
	os.Exit(buildAndRun(m))
}

func buildAndRun(m *testing.M) int {
	dir, err := os.MkdirTemp("", "bootstrap")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	binary := filepath.Join(dir, "bootstrap")
	build := exec.Command("go", "build", "-tags", "lambda.norpc", "-o", binary, "./testdata/function")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "the test function does not build: %v\n%s", err, output)
		return 1
	}
	if err := os.Setenv(bootstrapVariable, binary); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return m.Run()
}

// newFunction starts nothing yet and is stopped with the test.
func newFunction(t *testing.T, config lambda.Config) *lambda.Function {
	t.Helper()
	config.Name = "test"
	config.Binary = os.Getenv(bootstrapVariable)
	if config.Timeout == 0 {
		config.Timeout = 30 * time.Second
	}
	f, err := lambda.New(config)
	if err != nil {
		t.Fatal(err)
	}
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
	f, err := lambda.New(lambda.Config{Name: "orphan", Binary: os.Getenv(bootstrapVariable), Timeout: time.Minute})
	if err == nil {
		_, err = f.Invoke(context.Background(), fmt.Appendf(nil, `{"do":"get","text":%q}`, os.Getenv(doomedVariable)))
	}
	fmt.Fprintln(os.Stderr, "the parent outlived the invocation:", err)
	os.Exit(1)
}
