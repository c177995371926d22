package main

import (
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	localsqs "helpcrunch-mark-read/local/sqs"
	localstack "helpcrunch-mark-read/local/stack"
	"helpcrunch-mark-read/ops/internal/opstest"
)

// TestLocal runs the command as a person does beside make run: over TCP, with nothing but --local, whatever the environment
// says about AWS and other stacks.
func TestLocal(t *testing.T) {
	for _, tc := range []struct {
		name, marks, dead string
		attributes        map[string]string
	}{
		{"FIFO queues", "marks.fifo", "marks-dead.fifo", map[string]string{string(types.QueueAttributeNameFifoQueue): "true"}},
		{"standard queues", "marks", "marks-dead", nil},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for name, value := range map[string]string{
				"OPS_STACK": "production", "OPS_QUEUE_URL": "http://elsewhere/0/marks", "AWS_PROFILE": "does-not-exist",
				"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_REGION": "", "AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": "",
			} {
				t.Setenv(name, value)
			}
			server := httptest.NewServer(localsqs.New(localsqs.Options{}))
			defer server.Close()
			client := sqs.NewFromConfig(opstest.Config(server.URL, server.Client()))
			for _, name := range []string{tc.marks, tc.dead} {
				if _, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(name), Attributes: tc.attributes}); err != nil {
					t.Fatal(err)
				}
			}
			var out, errOut strings.Builder
			a := &app{in: strings.NewReader("id,reader,read\n1,agent,true\n"), out: &out, err: &errOut, loadAWS: loadAWS}
			if code := a.run(t.Context(), []string{"send", "-", "--local", "--endpoint-url", server.URL}); code != 0 {
				t.Errorf("send: exit code %d: %s", code, errOut.String())
			}
			if code := a.run(t.Context(), []string{"dead", "list", "--local", "--endpoint-url", server.URL}); code != 0 || !strings.Contains(out.String(), tc.dead) {
				t.Errorf("dead list: exit code %d: %s%s", code, out.String(), errOut.String())
			}
		})
	}
}

// The names that --local stands for are those that the local stack uses.
func TestLocalNamesAreTheStacks(t *testing.T) {
	if localKeySecret != localstack.KeySecret || localTokenSecret != localstack.TokenSecret || localToken != localstack.Token {
		t.Errorf("the secrets are %s and %s, the local stack's %s and %s", localKeySecret, localTokenSecret, localstack.KeySecret, localstack.TokenSecret)
	}
	run := readFile(t, "../local/help.go")
	for _, address := range []string{localAWS, localBaseURL, localAPIURL} {
		if host := strings.TrimSuffix(strings.TrimPrefix(address, "http://"), "/v1"); !strings.Contains(run, `"`+host+`"`) {
			t.Errorf("local run does not listen on %s", host)
		}
	}
}

func TestLocalExcludesOtherStacks(t *testing.T) {
	for _, tc := range []struct {
		name string
		args []string
		says string
	}{
		{"a stack", []string{"--stack", "production"}, "--local and --stack can't be used together"},
		{"a queue", []string{"--queue-url", "http://q/0/marks"}, "--local and --queue-url can't be used together"},
		{"a dead-letter queue", []string{"--dead-letter-queue-url", "http://q/0/dead"}, "--local and --dead-letter-queue-url can't be used together"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			var out strings.Builder
			a := &app{out: &out, err: &out, loadAWS: loadAWS}
			if code := a.run(t.Context(), append([]string{"dead", "list", "--local"}, tc.args...)); code != 2 || !strings.Contains(out.String(), tc.says) {
				t.Errorf("exit code %d: %s", code, out.String())
			}
		})
	}
	var out strings.Builder
	a := &app{out: &out, err: &out, loadAWS: loadAWS}
	if code := a.run(t.Context(), []string{"dead", "list", "--local", "--endpoint-url", "http://127.0.0.1:1"}); code != 1 || !strings.Contains(out.String(), "start it with make run") {
		t.Errorf("without a local stack: exit code %d: %s", code, out.String())
	}
}

// The environment names a stack or queues as the flags do.
func TestEnvironment(t *testing.T) {
	for _, tc := range []struct {
		name      string
		variables map[string]string
	}{
		{"a stack", map[string]string{"OPS_STACK": "mark-read"}},
		{"queues", map[string]string{"OPS_QUEUE_URL": "http://q/0/marks.fifo", "OPS_DEAD_LETTER_QUEUE_URL": "http://q/0/dead.fifo"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for name, value := range tc.variables {
				t.Setenv(name, value)
			}
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, true)
				w.AddDead(t, deadLetters()...)
				if got := w.ops(t.Context(), "", "dead", "redrive", "--chat", "5208"); got.code != 0 || len(w.Messages(t, w.Marks)) != 1 {
					t.Errorf("%+v", got)
				}
			})
		})
	}
}
