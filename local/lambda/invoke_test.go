package lambda_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"helpcrunch-mark-read/local/lambda"
)

func TestInvocationIsDescribed(t *testing.T) {
	f := newFunction(t, lambda.Config{AccountID: "123456789012", Region: "eu-west-1", Timeout: time.Minute})
	before := time.Now()
	got := echo(t, f)

	if got.Text != "hello" {
		t.Errorf("text %q", got.Text)
	}
	if want := "arn:aws:lambda:eu-west-1:123456789012:function:test"; got.ARN != want {
		t.Errorf("ARN %q", got.ARN)
	}
	if in := got.Deadline.Sub(before); in < time.Minute-time.Millisecond || in > 2*time.Minute {
		t.Errorf("the deadline is in %v", in)
	}
	uuid := regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)
	if !uuid.MatchString(got.RequestID) {
		t.Errorf("request id %q", got.RequestID)
	}
	trace := regexp.MustCompile(`^Root=1-[0-9a-f]{8}-[0-9a-f]{24};Parent=[0-9a-f]{16};Sampled=0$`)
	if !trace.MatchString(got.TraceID) {
		t.Errorf("trace id %q", got.TraceID)
	}
	if next := echo(t, f); next.RequestID == got.RequestID || next.TraceID == got.TraceID {
		t.Error("two invocations share an id")
	}
}

func TestProcessEnvironmentIsNamedAndNotInherited(t *testing.T) {
	t.Setenv("LEAK", "from the parent")
	f := newFunction(t, lambda.Config{
		Region:      "eu-west-1",
		Environment: map[string]string{"OWN": "a=b", "TZ": ":Europe/Kyiv"},
	})
	got := echo(t, f)
	want := []string{
		"AWS_ACCESS_KEY_ID=local", "AWS_DEFAULT_REGION=eu-west-1", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE=128",
		"AWS_LAMBDA_FUNCTION_NAME=test", "AWS_LAMBDA_FUNCTION_VERSION=$LATEST", "AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME=/aws/lambda/test", "AWS_REGION=eu-west-1", "LAMBDA_TASK_ROOT=" + got.Directory,
		"OWN=a=b", "TZ=:Europe/Kyiv", "_HANDLER=bootstrap",
	}
	for _, variable := range want {
		if !slices.Contains(got.Environment, variable) {
			t.Errorf("%s is missing", variable)
		}
	}
	stream := regexp.MustCompile(`^AWS_LAMBDA_LOG_STREAM_NAME=\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}$`)
	if !slices.ContainsFunc(got.Environment, stream.MatchString) {
		t.Error("no log stream name")
	}
	for _, variable := range got.Environment {
		if strings.HasPrefix(variable, "LEAK=") || strings.HasPrefix(variable, "HOME=") {
			t.Errorf("inherited: %s", variable)
		}
	}
}

// Each row ends one invocation in its own way, and then the function must work again.
func TestEveryEnd(t *testing.T) {
	tests := []struct {
		name    string
		payload string
		timeout time.Duration
		want    lambda.Error // as Lambda words it, with ID for the request id
		stays   bool         // the environment is used again
		lines   []string     // of output, in order, delivered by then
	}{
		{"the handler returns an error", `{"do":"fail","text":"no such chat"}`, 0,
			lambda.Error{Type: "oddError", Message: "no such chat"}, true, nil},
		{"the handler panics", `{"do":"panic","text":"oh"}`, 0,
			lambda.Error{Type: "string", Message: "oh"}, false, nil},
		{"the event can't be decoded", `[]`, 0,
			lambda.Error{Type: "UnmarshalTypeError", Message: "json: cannot unmarshal array into Go value of type lambda_test.event"}, true, nil},
		{"the process exits with an error", `{"do":"exit","code":7}`, 0,
			lambda.Error{Type: "Runtime.ExitError", Message: "RequestId: ID Error: Runtime exited with error: exit status 7"}, false, nil},
		{"the process exits without one", `{"do":"exit"}`, 0,
			lambda.Error{Type: "Runtime.ExitError", Message: "RequestId: ID Error: Runtime exited without providing a reason"}, false, nil},
		{"the function hangs", `{"do":"hang"}`, 500 * time.Millisecond,
			lambda.Error{Type: "Sandbox.Timedout", Message: "RequestId: ID Error: Task timed out after 0.50 seconds"}, false, nil},
		{"the answer is too long", `{"do":"big"}`, 0,
			lambda.Error{Type: "Function.ResponseSizeTooLarge", Message: "the response is over the 6291456 bytes of a synchronous invocation"}, false, nil},
		{"output just before the end", `{"do":"lines"}`, 0,
			lambda.Error{Type: "Runtime.ExitError", Message: "RequestId: ID Error: Runtime exited with error: exit status 1"}, false,
			[]string{"out 1", "err 2", "out 3, cut off"}},
	}
	requestID := regexp.MustCompile(`^RequestId: [0-9a-f-]{36} `)
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var output lines
			f := newFunction(t, lambda.Config{Timeout: test.timeout, Log: output.add})
			before := echo(t, f)
			_, err := f.Invoke(t.Context(), []byte(test.payload))
			var got *lambda.Error
			if !errors.As(err, &got) {
				t.Fatalf("got %T %v", err, err)
			}
			got.Message = requestID.ReplaceAllString(got.Message, "RequestId: ID ")
			if *got != test.want || got.Error() != test.want.Type+": "+test.want.Message {
				t.Errorf("got %v, want %v", got, &test.want)
			}
			if test.lines != nil && !slices.Equal(output.all(), test.lines) {
				t.Errorf("output %q", output.all())
			}
			if after := echo(t, f); (after.PID == before.PID) != test.stays || len(f.Processes()) != 1 {
				t.Errorf("process %d before, %d afterwards; there are %v", before.PID, after.PID, f.Processes())
			}
		})
	}
}

func TestStartFailures(t *testing.T) {
	tests := []struct {
		start string
		limit time.Duration // 0: Lambda's 10 s
		want  lambda.Error
		lines []string
	}{
		{"report", 0, lambda.Error{Type: "Boot.Configuration", Message: "TABLE is missing"}, []string{"cannot start"}},
		{"exit", 0, lambda.Error{Type: "Runtime.ExitError", Message: "RequestId: init Error: Runtime exited with error: exit status 3"}, []string{"last words"}},
		{"hang", 300 * time.Millisecond, lambda.Error{Type: "Sandbox.Timedout", Message: "RequestId: init Error: Task timed out after 0.30 seconds"}, nil},
	}
	for _, test := range tests {
		t.Run(test.start, func(t *testing.T) {
			t.Parallel()
			var output lines
			f := newFunction(t, lambda.Config{
				Environment: map[string]string{"START": test.start}, InitTimeout: test.limit, Log: output.add,
			})
			_, err := f.Invoke(t.Context(), []byte(`{}`))
			var got *lambda.Error
			if !errors.As(err, &got) || *got != test.want {
				t.Fatalf("got %v", err)
			}
			if !slices.Equal(output.all(), test.lines) {
				t.Errorf("output %q", output.all())
			}
			if left := f.Processes(); len(left) != 0 {
				t.Errorf("left behind: %v", left)
			}
		})
	}
}

func TestBinaryThatCannotBeStarted(t *testing.T) {
	f := lambda.New(lambda.Config{Name: "missing", Binary: "/no-such-file", MaxConcurrency: 1})
	var got *lambda.Error
	if _, err := f.Invoke(t.Context(), nil); !errors.As(err, &got) || got.Type != "Runtime.InvalidEntrypoint" {
		t.Errorf("got %v", err)
	}
	if err := f.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestRequestTooLong(t *testing.T) {
	f := newFunction(t, lambda.Config{})
	var got *lambda.Error
	if _, err := f.Invoke(t.Context(), make([]byte, 6<<20+1)); !errors.As(err, &got) || !strings.HasPrefix(got.Message, "the request is over") {
		t.Errorf("got %v", err)
	}
}

func TestFalseAnswersAreRefused(t *testing.T) {
	f := newFunction(t, lambda.Config{})
	got, err := f.Invoke(t.Context(), []byte(`{"do":"forge","text":"00000000-0000-4000-8000-000000000000"}`))
	if err != nil || !strings.HasPrefix(string(got), `"400 `) || !strings.Contains(string(got), "InvalidRequestID") {
		t.Errorf("another invocation's answer: %s, %v", got, err)
	}
	if got, err := f.Invoke(t.Context(), []byte(`{"do":"twice"}`)); err != nil || string(got) != `"first"` {
		t.Errorf("two answers: %s, %v", got, err)
	}
}
