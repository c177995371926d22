package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"helpcrunch-mark-read/local/loopback"
	localsecrets "helpcrunch-mark-read/local/secretsmanager"
	"helpcrunch-mark-read/local/simulator"
	"helpcrunch-mark-read/ops/internal/opstest"
	"helpcrunch-mark-read/ops/internal/terminal"
)

// world is all that the command meets: AWS with a stack called mark-read, and HelpCrunch.
type world struct {
	*opstest.Queues
	t          *testing.T
	secrets    *localsecrets.Server
	account    *account
	api        http.Handler // the HTTP API of the stack
	helpCrunch *simulator.Simulator
	answer     string                                            // what a person types; nobody is there when empty
	refuse     func(w http.ResponseWriter, r *http.Request) bool // answers in AWS's place, if it likes
	region     string
	delay      time.Duration     // of every answer of AWS
	parameters map[string]string // of the stack, beside those that it always has
	outputs    map[string]string
}

const theKey = "key-that-works"

func newWorld(t *testing.T, fifo bool) *world {
	t.Helper()
	helpCrunch, err := simulator.New(simulator.Options{Keys: []string{theKey}})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{Queues: opstest.New(t, fifo), t: t, secrets: localsecrets.New(localsecrets.Options{}), account: newAccount("mark-read"), helpCrunch: helpCrunch, region: "us-east-1"}
	w.Config = opstest.Config("http://aws.local", &http.Client{Transport: loopback.Transport(w)})
	_, err = secretsmanager.NewFromConfig(w.Config).CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{
		Name: aws.String("the-secret"), SecretString: aws.String(`{"apiKey":"` + theKey + `","note":"kept"}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// ServeHTTP is AWS: the services are distinguished as AWS's own clients address them.
func (w *world) ServeHTTP(out http.ResponseWriter, r *http.Request) {
	time.Sleep(w.delay)
	body, _ := io.ReadAll(r.Body)
	r.Body = io.NopCloser(bytes.NewReader(body))
	target := r.Header.Get("X-Amz-Target")
	switch {
	case strings.Contains(r.Host, "execute-api"):
		w.api.ServeHTTP(out, r)
	case w.refuse != nil && w.refuse(out, r):
	case strings.HasPrefix(target, "AmazonSQS."):
		w.Server.ServeHTTP(out, r)
	case strings.HasPrefix(target, "secretsmanager."):
		w.secrets.ServeHTTP(out, r)
	case strings.Contains(string(body), "Action=DescribeStacks"):
		w.describeStacks(out, string(body))
	default:
		w.account.ServeHTTP(out, r)
	}
}

func (w *world) describeStacks(out http.ResponseWriter, body string) {
	out.Header().Set("Content-Type", "text/xml")
	name := strings.Split(strings.SplitN(body+"&", "StackName=", 2)[1], "&")[0]
	if name != "mark-read" && name != "other" {
		out.WriteHeader(http.StatusBadRequest)
		fmt.Fprintf(out, `<ErrorResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><Error><Type>Sender</Type><Code>ValidationError</Code><Message>Stack with id %s does not exist</Message></Error></ErrorResponse>`, name)
		return
	}
	outputs := output(w.outputs)
	if name == "mark-read" {
		for key, value := range map[string]string{
			"MarksQueueUrl": w.Marks, "DeadLetterQueueUrl": w.Dead, "HelpCrunchSecretId": "the-secret", "QueueFunctionLogGroup": "/aws/lambda/mark-read/queue",
			"EventSourceMappingId": mappingID, "ResumeRoleArn": roleARN, "HttpFunctionName": "http-function", "QueueFunctionName": "queue-function",
		} {
			outputs += output(map[string]string{key: value})
		}
	}
	parameters := ""
	for key, value := range w.parameters {
		parameters += "<member><ParameterKey>" + key + "</ParameterKey><ParameterValue>" + value + "</ParameterValue></member>"
	}
	fmt.Fprintf(out, `<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>`+
		`<StackName>%s</StackName><StackStatus>UPDATE_COMPLETE</StackStatus><CreationTime>2026-01-01T00:00:00Z</CreationTime><Outputs>%s</Outputs>`+
		`<Parameters><member><ParameterKey>RequestsPerMinute</ParameterKey><ParameterValue>60</ParameterValue></member>`+
		`<member><ParameterKey>HelpCrunchBaseUrl</ParameterKey><ParameterValue>https://helpcrunch.local/v1</ParameterValue></member>`+parameters+`</Parameters>`+
		`</member></Stacks></DescribeStacksResult></DescribeStacksResponse>`, name, outputs)
}

func output(outputs map[string]string) (members string) {
	for key, value := range outputs {
		members += "<member><OutputKey>" + key + "</OutputKey><OutputValue>" + value + "</OutputValue></member>"
	}
	return members
}

// set changes an attribute of a queue.
func (w *world) set(t *testing.T, queueURL, name, value string) {
	t.Helper()
	if _, err := w.Client.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{QueueUrl: aws.String(queueURL), Attributes: map[string]string{name: value}}); err != nil {
		t.Fatal(err)
	}
}

// refusal answers as AWS does when it refuses, in the protocol of the request.
func refusal(out http.ResponseWriter, r *http.Request, code string) bool {
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		out.Header().Set("Content-Type", "text/xml")
		out.WriteHeader(http.StatusForbidden)
		fmt.Fprintf(out, `<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>not for you</Message></Error></ErrorResponse>`, code)
		return true
	}
	out.Header().Set("Content-Type", "application/x-amz-json-1.1")
	out.Header().Set("X-Amzn-ErrorType", code)
	out.WriteHeader(http.StatusBadRequest)
	fmt.Fprintf(out, `{"__type":"%s","message":"not for you"}`, code)
	return true
}

// result is what a command left behind.
type result struct {
	code     int
	out, err string
}

// ops runs a command with its standard input.
func (w *world) ops(ctx context.Context, stdin string, args ...string) result {
	return w.opsReading(ctx, strings.NewReader(stdin), args...)
}

func (w *world) opsReading(ctx context.Context, stdin io.Reader, args ...string) result {
	var out, errOut bytes.Buffer
	a := &app{
		in: stdin, out: &out, err: &errOut, helpCrunch: loopback.Transport(w.helpCrunch),
		loadAWS: func(_ context.Context, g *globals, _ func(context.Context) (string, error)) (aws.Config, error) {
			cfg := w.Config
			cfg.Region = cmp.Or(g.Region, w.region)
			return cfg, nil
		},
		ask: func(_ context.Context, _ io.Reader, out io.Writer, question string) (string, error) {
			if w.answer == "" {
				return "", terminal.ErrNoTerminal
			}
			fmt.Fprintln(out, question)
			return w.answer, nil
		},
	}
	code := a.run(ctx, args)
	if strings.Contains(out.String()+errOut.String(), theKey) {
		w.t.Errorf("the key is shown: %s%s", out.String(), errOut.String())
	}
	return result{code, out.String(), errOut.String()}
}

// read reads the JSON that a command wrote.
func (r result) read(t *testing.T, v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(r.out), v); err != nil {
		t.Fatalf("the output is no JSON: %v: %s%s", err, r.out, r.err)
	}
}
