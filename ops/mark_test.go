package main

import (
	"context"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"

	"helpcrunch-mark-read/local/gateway"
)

// function stands in for functions/http: it notes the event, and answers.
type function struct {
	answer events.APIGatewayV2HTTPResponse
	event  events.APIGatewayV2HTTPRequest
}

func (f *function) Invoke(_ context.Context, payload []byte) ([]byte, error) {
	if err := json.Unmarshal(payload, &f.event); err != nil {
		return nil, err
	}
	return json.Marshal(f.answer)
}

// serveAPI puts API Gateway's two routes before the function, and its IAM authorizer where the stack has it.
func (w *world) serveAPI(t *testing.T, authorization string, f *function) {
	t.Helper()
	config := gateway.Config{Routes: []string{"PUT /v1/chats/readByAgent", "PUT /v1/chats/readByCustomer"}}
	switch authorization {
	case "IAM":
		config.Authorize = gateway.IAM("us-east-1", "123456789012", aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"})
	case "JWT":
		config.Authorize = func(r *http.Request, _ []byte) (gateway.Identity, int) {
			if r.Header.Get("Authorization") != "Bearer a.good.jwt" {
				return nil, http.StatusUnauthorized
			}
			return gateway.Identity{"jwt": map[string]any{}}, 0
		}
	}
	w.api = gateway.New(f, config)
	w.parameters = map[string]string{"Authorization": authorization}
	w.outputs = map[string]string{"HttpApiUrl": "https://abc123.execute-api.us-east-1.amazonaws.com/v1", "Understands": "asOf", "CallerPolicyArn": "arn:policy"}
}

func says(status int, body string, headers ...string) events.APIGatewayV2HTTPResponse {
	answer := events.APIGatewayV2HTTPResponse{StatusCode: status, Body: body, Headers: map[string]string{"content-type": "application/json"}}
	if len(headers) == 2 {
		answer.Headers[headers[0]] = headers[1]
	}
	return answer
}

const chat = `{"id":5208,"readByAgent":true,"readByCustomer":false,"customer":{"name":"Jane Private","email":"jane@example.com"}}`

func TestMark(t *testing.T) {
	for _, tc := range []struct {
		name, authorization, stdin string
		args                       []string
		answer                     events.APIGatewayV2HTTPResponse
		code                       int
		sent                       string // path and body
		says                       string
	}{
		{"signed", "IAM", "", []string{"--read"}, says(200, chat), 0, `/v1/chats/readByAgent {"id":5208,"read":true}`, "HelpCrunch made the mark: chat 5208 is read by the agent"},
		{"for a customer", "IAM", "", []string{"--unread", "--reader", "customer"}, says(200, chat), 0, `/v1/chats/readByCustomer {"id":5208,"read":false}`, "is unread by the customer"},
		{"a bound", "IAM", "", []string{"--read", "--as-of", "2026-01-01T00:00:00Z"}, says(200, chat, "mark-overtaken", "true"), 0, `/v1/chats/readByAgent {"asOf":1767225600,"id":5208,"read":true}`, "a message has come since --as-of"},
		{"not applied", "IAM", "", []string{"--unread"}, says(200, chat), 0, "", "its answer shows the flag as it was before"},
		{"on the queue", "IAM", "", []string{"--read", "--async"}, says(202, `{"messageId":"m-1"}`), 0, "", "the mark is on the queue"},
		{"a token from the standard input", "TOKEN", "a-token-of-a-caller\n", []string{"--read"}, says(200, chat), 0, "", "a bearer token (Authorization TOKEN)"},
		{"a token that the function does not know", "TOKEN", "another-token-of-16", []string{"--read"}, says(401, `{"errors":[{"code":"unauthorized","message":"x"}]}`), 1, "", "the function does not know this token: ops token list"},
		{"no token", "TOKEN", "\n", []string{"--read"}, says(200, chat), 2, "", "this is no bearer token: put one into OPS_CALLER_TOKEN"},
		{"a JWT", "JWT", "a.good.jwt", []string{"--read"}, says(200, chat), 0, "", "HelpCrunch made the mark"},
		{"a JWT that API Gateway refuses", "JWT", "a.bad.jwt", []string{"--read"}, says(200, chat), 1, "", "API Gateway does not accept this token: the stack's JwtIssuer and JwtAudience"},
		{"no such chat", "IAM", "", []string{"--read"}, says(404, `{"errors":[{"code":"invalid_request"},{"code":"chat_not_found"}]}`), 1, "", "Answer    404 chat_not_found"},
		{"HelpCrunch's own spelling", "IAM", "", []string{"--read"}, says(404, `{"errors":[{"code":"invalid_request","message":"x"},{"code":"not_fount","message":"x"}]}`), 1, "", "Answer    404 chat_not_found"},
		{"the limit", "IAM", "", []string{"--read"}, says(429, `{"errors":[{"code":"invalid_request"},{"code":"too_many_requests"}]}`), 1, "", "the HelpCrunch account's limit is used up"},
		{"an old stack's page", "IAM", "", []string{"--read"}, says(500, `<html>`), 1, "", "this is no answer of helpcrunch-mark-read (status 500)"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(t, true)
				f := &function{answer: tc.answer}
				w.serveAPI(t, tc.authorization, f)
				got := w.ops(t.Context(), tc.stdin, onStack(append([]string{"mark", "5208"}, tc.args...)...)...)
				got.check(t, tc.code, tc.says)
				if sent := f.event.RawPath + " " + f.event.Body; tc.sent != "" && sent != tc.sent {
					t.Errorf("sent %q", sent)
				}
				for _, private := range []string{"Jane", "jane@", "a-token-of", "good.jwt", "bad.jwt", "another-token"} {
					if strings.Contains(got.out+got.err, private) {
						t.Errorf("%q is shown: %+v", private, got)
					}
				}
			})
		})
	}
}

func TestMarkShowsTheBodyWhenAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, true)
		w.serveAPI(t, "IAM", &function{answer: says(200, chat)})
		got := w.ops(t.Context(), "", onStack("mark", "5208", "--read", "--body", "--json")...)
		var answer struct {
			Status        int
			Outcome, Body string
		}
		if got.read(t, &answer); got.code != 0 || answer.Status != 200 || answer.Outcome != "applied" || answer.Body != chat {
			t.Errorf("%+v", got)
		}
	})
}

func TestMarkIsRefused(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, true)
		f := &function{answer: says(200, chat)}
		w.serveAPI(t, "IAM", f)
		mark := func(args ...string) result {
			return w.ops(t.Context(), "", onStack(append([]string{"mark"}, args...)...)...)
		}
		mark("5208").check(t, 2, "--read or --unread")
		mark("5208", "--read", "--unread").check(t, 2, "--read and --unread can't be used together")
		mark("5208", "--read", "--reader", "bot").check(t, 2, `--reader must be one of "agent","customer"`)
		mark("0", "--read").check(t, 2, "a chat's id is a whole number from 1")
		w.ops(t.Context(), "", "mark", "1", "--read", "--queue-url", w.Marks).check(t, 2, "name the stack with --stack or OPS_STACK, or use --local")
		w.outputs["Understands"] = ""
		mark("5208", "--read", "--as-of", "1h").check(t, 1, "nothing was sent: the stack mark-read is of a version that ignores --as-of")
		if f.event.RawPath != "" {
			t.Error("something was sent")
		}
		w.Config.Credentials = aws.NewCredentialsCache(aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "somebody", SecretAccessKey: "else"}, nil
		}))
		mark("5208", "--read").check(t, 1, "attach the managed policy of the stack's output CallerPolicyArn (arn:policy)")
		w.outputs["HttpApiUrl"] = ""
		mark("5208", "--read").check(t, 1, "no usable output HttpApiUrl")
	})
}
