package boot_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"helpcrunch-mark-read/shared/boot"
	"helpcrunch-mark-read/shared/helpcrunch/helpcrunchtest"
)

// fakeAWS answers Secrets Manager's calls over its wire protocol, and points the SDK to itself. Every secret's value is
// its name.
func fakeAWS(t *testing.T) {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ SecretId string }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || r.Header.Get("X-Amz-Target") != "secretsmanager.GetSecretValue" {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		fmt.Fprintf(w, `{"Name":%q,"SecretString":%q}`, in.SecretId, in.SecretId)
	}))
	t.Cleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "x",
		"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true",
	} {
		t.Setenv(name, value)
	}
}

// theChat is an answer of HelpCrunch's with personal data, which must not be logged.
const theChat = `{"id":5208,"lastMessageText":"A word in confidence","customer":{"name":"Carl Customer","email":"carl@example.com"}}`

// overhear takes the standard output, to which the functions write, until the test ends, and looks in it for the key and
// for theChat's people and words. A test that overhears can't be parallel.
func overhear(t *testing.T) {
	t.Helper()
	file, err := os.CreateTemp(t.TempDir(), "stdout")
	if err != nil {
		t.Fatal(err)
	}
	stdout := os.Stdout
	os.Stdout = file
	t.Cleanup(func() {
		os.Stdout = stdout
		_ = file.Close()
		written, err := os.ReadFile(file.Name())
		if err != nil {
			t.Fatal(err)
		}
		for _, private := range []string{"helpcrunch/key", "Bearer", "A word in confidence", "Carl Customer", "@example"} {
			if strings.Contains(string(written), private) {
				t.Errorf("%q was written in %s", private, written)
			}
		}
	})
}

// invoke wires a function and lets it handle one event.
func invoke[H boot.Handler[In, Out], In, Out any](t *testing.T, wire boot.Wire[H], getenv func(string) string, event string) string {
	t.Helper()
	overhear(t)
	handler, err := wire(t.Context(), getenv)
	if err != nil {
		t.Fatal(err)
	}
	out, err := lambda.NewHandler(handler.Handle).Invoke(t.Context(), []byte(event))
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestBothFunctionsAreWired(t *testing.T) {
	fakeAWS(t)
	const request = `{"routeKey":"PUT /v1/chats/readByAgent","headers":{"authorization":"Bearer caller-tokens-0123"},"requestContext":{"authorizer":{"iam":{}},"http":{"method":"PUT"}},"body":"{\"id\": 5208, \"read\": true}"}`
	const batch = `{"Records":[{"messageId":"m","body":"{\"id\": 5208, \"reader\": \"customer\", \"read\": false}"}]}`
	http := func(t *testing.T, getenv func(string) string) string { return invoke(t, boot.HTTP, getenv, request) }
	queue := func(t *testing.T, getenv func(string) string) string { return invoke(t, boot.Queue, getenv, batch) }
	for _, tc := range []struct {
		name         string
		invoke       func(t *testing.T, getenv func(string) string) string
		want         string
		path, tokens string
	}{
		{"http", http, `"statusCode":200`, "/v1/chats/readByAgent", ""},
		{"http with caller tokens", http, `"statusCode":200`, "/v1/chats/readByAgent", "caller-tokens-0123"},
		{"http with other caller tokens", http, `"statusCode":401`, "", "other-tokens-01234"},
		{"queue", queue, `"batchItemFailures":[]`, "/v1/chats/readByCustomer", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			server := helpcrunchtest.New(t, helpcrunchtest.Answer(200, theChat))
			out := tc.invoke(t, environment("HELPCRUNCH_BASE_URL", server.URL+"/v1/", "CALLER_TOKEN_SECRET_ID", tc.tokens))
			if !strings.Contains(out, tc.want) {
				t.Errorf("answer %s", out)
			}
			requests := server.Requests()
			if tc.path == "" {
				if len(requests) > 0 {
					t.Errorf("HelpCrunch saw %+v", requests)
				}
				return
			}
			if len(requests) != 1 || requests[0].Path != tc.path || requests[0].Header.Get("Authorization") != "Bearer helpcrunch/key" {
				t.Errorf("HelpCrunch saw %+v", requests)
			}
		})
	}
}

// TestTheStartIsMeasured: what is done ahead of the first request belongs to the start, which the request may have caused.
func TestTheStartIsMeasured(t *testing.T) {
	fakeAWS(t)
	overhear(t)
	read := make(chan time.Time, 1)
	aws := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		read <- time.Now()
		fmt.Fprint(w, `{"SecretString":"the-secrets-value"}`)
	}))
	defer aws.Close()
	t.Setenv("AWS_ENDPOINT_URL", aws.URL)
	before := time.Now()
	handler, err := boot.HTTP(t.Context(), environment("HELPCRUNCH_BASE_URL", "http://helpcrunch.test/v1"))
	if err != nil {
		t.Fatal(err)
	}
	during, after := <-read, time.Now()
	if started, ended := handler.ProcessStarted, handler.StartEnded; started.Before(before) || !started.Before(during) || !ended.After(during) || ended.After(after) {
		t.Errorf("started at %s, ended at %s; the secret was read at %s", started, ended, during)
	}
}

func TestBothFunctionsRestoreUnread(t *testing.T) {
	fakeAWS(t)
	overhear(t)
	for value, want := range map[string]bool{"": false, "false": false, "true": true} {
		getenv := environment("HELPCRUNCH_BASE_URL", "http://helpcrunch.test/v1", "RESTORE_UNREAD", value)
		http, err := boot.HTTP(t.Context(), getenv)
		if err != nil {
			t.Fatal(err)
		}
		queue, err := boot.Queue(t.Context(), getenv)
		if err != nil {
			t.Fatal(err)
		}
		if http.Attempts.RestoreUnread != want || queue.Attempts.RestoreUnread != want {
			t.Errorf("%q: http %v, queue %v", value, http.Attempts.RestoreUnread, queue.Attempts.RestoreUnread)
		}
	}
}
