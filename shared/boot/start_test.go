package boot_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strings"
	"testing"

	"helpcrunch-mark-read/shared/boot"
)

// TestMain lets a copy of the test program be the function: Start ends its process.
func TestMain(m *testing.M) {
	switch os.Getenv("BOOT_TEST_FUNCTION") {
	case "http":
		boot.Start(boot.HTTP)
	case "queue":
		boot.Start(boot.Queue)
	}
	os.Exit(m.Run())
}

// start runs a function with this environment and nothing else, and returns its exit code and what it wrote.
func start(t *testing.T, environment ...string) (code int, stdout, stderr string) {
	t.Helper()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out, errs strings.Builder
	command := exec.CommandContext(t.Context(), program)
	command.Env, command.Stdout, command.Stderr = environment, &out, &errs
	err = command.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	return command.ProcessState.ExitCode(), out.String(), errs.String()
}

func TestAWrongEnvironmentStopsTheStart(t *testing.T) {
	type report struct{ path, errorType, body string }
	for function, names := range map[string][]string{
		"http":  {"HELPCRUNCH_SECRET_ID", "HELPCRUNCH_KEY_TTL", "MARKS_QUEUE_URL"},
		"queue": {"HELPCRUNCH_SECRET_ID", "HELPCRUNCH_KEY_TTL", "MARKS_QUEUE_URL", "DEAD_LETTER_QUEUE_URL", "RETRY_WINDOW"},
	} {
		t.Run(function, func(t *testing.T) {
			reports := make(chan report, 10)
			api := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				reports <- report{r.Method + " " + r.URL.Path, r.Header.Get("Lambda-Runtime-Function-Error-Type"), string(body)}
				w.WriteHeader(http.StatusAccepted)
			}))
			defer api.Close()
			code, stdout, stderr := start(t, "BOOT_TEST_FUNCTION="+function, "AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(api.URL, "http://"),
				"HELPCRUNCH_KEY_TTL=never", "RETRY_WINDOW=1000h")
			if code != 1 || stdout != "" || strings.Count(stderr, "\n") != 1 {
				t.Errorf("exit code %d\nstdout: %s\nstderr: %s", code, stdout, stderr)
			}
			var line struct{ Level, Message, Error string }
			if err := json.Unmarshal([]byte(stderr), &line); err != nil || line.Level != "ERROR" {
				t.Errorf("%v: not one JSON line: %s", err, stderr)
			}
			if len(reports) != 1 {
				t.Fatalf("the Runtime API has %d reports", len(reports))
			}
			got := <-reports
			var reported struct{ ErrorType, ErrorMessage string }
			if err := json.Unmarshal([]byte(got.body), &reported); err != nil || got.path != "POST /2018-06-01/runtime/init/error" || reported.ErrorType == "" || got.errorType != reported.ErrorType {
				t.Errorf("the Runtime API was sent %+v", got)
			}
			for _, name := range names {
				if !strings.Contains(line.Error, name) || !strings.Contains(reported.ErrorMessage, name) {
					t.Errorf("%s is not named: %s", name, stderr)
				}
			}
		})
	}
}

func TestAWrongEnvironmentOutsideOfLambda(t *testing.T) {
	code, _, stderr := start(t, "BOOT_TEST_FUNCTION=http", "AWS_LAMBDA_LOG_FORMAT=Text")
	if code != 1 || !strings.Contains(stderr, "level=ERROR") || !strings.Contains(stderr, "HELPCRUNCH_SECRET_ID is missing") {
		t.Errorf("exit code %d: %s", code, stderr)
	}
}
