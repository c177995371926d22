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
		want    error    // its type and text; RequestId and Payload are left out
		stays   bool     // the environment is used again
		lines   []string // of output, in order, delivered by then
	}{
		{"the handler returns an error", `{"do":"fail","text":"no such chat"}`, 0,
			&lambda.FunctionError{Type: "oddError", Message: "no such chat"}, true, nil},
		{"the handler panics", `{"do":"panic","text":"oh"}`, 0,
			&lambda.FunctionError{Type: "string", Message: "oh"}, false, nil},
		{"the event can't be decoded", `[]`, 0,
			&lambda.FunctionError{Type: "UnmarshalTypeError", Message: "json: cannot unmarshal array into Go value of type lambda_test.event"}, true, nil},
		{"the process exits with an error", `{"do":"exit","code":7}`, 0,
			&lambda.ExitError{Reason: "exit status 7"}, false, nil},
		{"the process exits without one", `{"do":"exit"}`, 0, &lambda.ExitError{}, false, nil},
		{"the function hangs", `{"do":"hang"}`, 500 * time.Millisecond,
			&lambda.TimeoutError{Timeout: 500 * time.Millisecond}, false, nil},
		{"the answer is too long", `{"do":"big"}`, 0, &lambda.SizeError{What: "response"}, false, nil},
		{"output just before the end", `{"do":"lines"}`, 0,
			&lambda.ExitError{Reason: "exit status 1"}, false, []string{"out 1", "err 2", "out 3, cut off"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			var output lines
			f := newFunction(t, lambda.Config{Timeout: test.timeout, Log: output.add})
			_, err := f.Invoke(t.Context(), []byte(test.payload))
			if got := anonymous(err); got == nil || got.Error() != test.want.Error() {
				t.Fatalf("got %T %v, want %T %v", got, got, test.want, test.want)
			}
			if test.lines != nil && !slices.Equal(output.all(), test.lines) {
				t.Errorf("output %q", output.all())
			}
			want := 1
			if test.stays {
				want = 2
			}
			if echo(t, f); f.Environments()[0].Invocations != want {
				t.Errorf("environments afterwards: %+v", f.Environments())
			}
		})
	}
}

// anonymous drops the request id, which is another each time, after seeing that it is there.
func anonymous(err error) error {
	var (
		function *lambda.FunctionError
		timeout  *lambda.TimeoutError
		exit     *lambda.ExitError
	)
	switch {
	case errors.As(err, &function) && function.RequestID != "" && len(function.Payload) > 0:
		return &lambda.FunctionError{Type: function.Type, Message: function.Message}
	case errors.As(err, &timeout) && timeout.RequestID != "":
		return &lambda.TimeoutError{Timeout: timeout.Timeout}
	case errors.As(err, &exit) && exit.RequestID != "":
		return &lambda.ExitError{Reason: exit.Reason}
	}
	return err
}

func TestErrorsAreWordedAsLambdaWordsThem(t *testing.T) {
	tests := []struct {
		err  error
		want string
	}{
		{&lambda.TimeoutError{RequestID: "id", Timeout: 15 * time.Second}, "RequestId: id Error: Task timed out after 15.00 seconds"},
		{&lambda.ExitError{RequestID: "id", Reason: "exit status 1"}, "RequestId: id Error: Runtime exited with error: exit status 1"},
		{&lambda.ExitError{RequestID: "id"}, "RequestId: id Error: Runtime exited without providing a reason"},
		{&lambda.FunctionError{Type: "errorString", Message: "no"}, "errorString: no"},
	}
	for _, test := range tests {
		if got := test.err.Error(); got != test.want {
			t.Errorf("got %q, want %q", got, test.want)
		}
	}
}

func TestStartFailures(t *testing.T) {
	tests := []struct {
		start string
		limit time.Duration // 0: Lambda's 10 s
		want  lambda.InitError
		lines []string
	}{
		{"report", 0, lambda.InitError{Type: "Boot.Configuration", Message: "TABLE is missing"}, []string{"cannot start"}},
		{"exit", 0, lambda.InitError{Type: "Runtime.ExitError", Message: "Runtime exited with error: exit status 3"}, []string{"last words"}},
		{"hang", 300 * time.Millisecond, lambda.InitError{Type: "Sandbox.Timedout", Message: "RequestId: init Error: Task timed out after 0.30 seconds"}, nil},
	}
	for _, test := range tests {
		t.Run(test.start, func(t *testing.T) {
			t.Parallel()
			var output lines
			f := newFunction(t, lambda.Config{
				Environment: map[string]string{"START": test.start}, InitTimeout: test.limit, Log: output.add,
			})
			_, err := f.Invoke(t.Context(), []byte(`{}`))
			var got *lambda.InitError
			if !errors.As(err, &got) || *got != test.want {
				t.Fatalf("got %v", err)
			}
			if !slices.Equal(output.all(), test.lines) {
				t.Errorf("output %q", output.all())
			}
			if left := f.Environments(); len(left) != 0 {
				t.Errorf("left behind: %+v", left)
			}
		})
	}
}

func TestBinaryThatCannotBeStarted(t *testing.T) {
	f, err := lambda.New(lambda.Config{Name: "missing", Binary: "testdata/no-such-file"})
	if err != nil {
		t.Fatal(err)
	}
	var got *lambda.InitError
	if _, err := f.Invoke(t.Context(), nil); !errors.As(err, &got) || got.Type != "Runtime.InvalidEntrypoint" {
		t.Errorf("got %v", err)
	}
	if err := f.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestRequestTooLong(t *testing.T) {
	f := newFunction(t, lambda.Config{})
	var got *lambda.SizeError
	if _, err := f.Invoke(t.Context(), make([]byte, 6<<20+1)); !errors.As(err, &got) || got.What != "request" {
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

func TestConfigFaultsAreToldTogether(t *testing.T) {
	_, err := lambda.New(lambda.Config{Timeout: -1})
	for _, fault := range []string{"no name", "no binary", "negative"} {
		if err == nil || !strings.Contains(err.Error(), fault) {
			t.Errorf("%q is not reported: %v", fault, err)
		}
	}
}
