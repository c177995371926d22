package docscheck

import (
	"context"
	"errors"
	"strings"
	"testing"

	"helpcrunch-mark-read/local/lambda"
	"helpcrunch-mark-read/local/secretsmanager"
	"helpcrunch-mark-read/local/simulator"
	"helpcrunch-mark-read/local/sqs"
	"helpcrunch-mark-read/local/stack"
)

// openAPICase provokes one answer. Without more, it is a good mark through the API's own routes.
type openAPICase struct {
	example string // status and name in docs/openapi.yaml
	varies  bool   // the body differs from the example from time to time

	fault   simulator.Fault     // of HelpCrunch
	hook    secretsmanager.Hook // of Secrets Manager
	prepare func(*testing.T, *stack.Stack)
	front   func(*testing.T, *stack.Stack) string // another front than the stack's own; returns its URL

	method, path, body, token, prefer string

	header, value string // that the answer must have, beside what is described as required
}

// openAPICases have every example of docs/openapi.yaml but those in notHere.
var openAPICases = []openAPICase{
	{example: "200 chat"},
	{example: "200 chat", body: `{"id": 5208, "read": true, "asOf": 1603885805}`, header: "Mark-Overtaken", value: "true"},
	{example: "2XX empty", fault: simulator.Fault{Kind: simulator.Answer, Status: 201, Body: "{}"}},
	{example: "202 queued", prefer: "respond-async", varies: true},
	{example: "400 invalid", body: `{"id": "5208"}`},
	{example: "400 refused_by_helpcrunch", fault: simulator.Fault{Kind: simulator.Unprocessable}},
	{example: "400 refused_without_a_word", fault: simulator.Fault{Kind: simulator.Answer, Status: 400}},
	{example: "401 token", token: "another"},
	{example: "401 no_authorizer", front: openFunctionURL},
	{example: "403 iam", front: signedAPI},
	{example: "404 chat", body: `{"id": 1, "read": true}`},
	{example: "404 chat_in_other_words", fault: simulator.Fault{Kind: simulator.NotFoundSample}},
	{example: "404 path", front: functionURL, path: "/v1/chats"},
	{example: "404 route", path: "/v1/chats"},
	{example: "404 route", method: "GET"},
	{example: "405 method", front: functionURL, method: "POST"},
	{example: "413 body", body: strings.Repeat(" ", 10<<20+1)},
	{example: "429 limit", fault: simulator.Fault{Kind: simulator.TooManyRequests}},
	{example: "429 remembered", fault: simulator.Fault{Kind: simulator.TooManyRequests, RetryAfter: "60"}, prepare: askOnce},
	{example: "500 died", fault: simulator.Fault{Kind: simulator.Hang}, prepare: killWhenCalled},
	{example: "502 key_rejected", fault: simulator.Fault{Kind: simulator.Unauthorized}},
	{example: "502 unavailable", fault: simulator.Fault{Kind: simulator.InternalError}},
	{example: "502 unavailable", fault: simulator.Fault{Kind: simulator.Unavailable, RetryAfter: "20"}, header: "Retry-After", value: "20"},
	{example: "502 unexpected", fault: simulator.Fault{Kind: simulator.Redirect}},
	{example: "502 applied", fault: simulator.Fault{Kind: simulator.CutOff}},
	{example: "503 key_unavailable", hook: secretsmanager.Fail(secretsmanager.ErrAccessDenied)},
	{example: "503 queue_unavailable", prefer: "respond-async", prepare: breakTheQueue},
	{example: "503 no_function", front: throttledFunction},
	{example: "504 timed_out", fault: simulator.Fault{Kind: simulator.Hang}},
}

// notHere are the answers of API Gateway's JWT authorizer and throttle, which the local front does not imitate. They are described
// as AWS returns them.
var notHere = map[string]string{
	"401 jwt":       "the JWT authorizer refuses",
	"429 throttled": "the route's throttle refuses",
}

func functionURL(t *testing.T, s *stack.Stack) string { return serve(t, s.HTTP) }

// openFunctionURL is a function URL that somebody opened in front of a function that leaves the callers to API Gateway.
func openFunctionURL(t *testing.T, _ *stack.Stack) string { return serve(t, withIAM(t).HTTP) }

func signedAPI(t *testing.T, _ *stack.Stack) string { return withIAM(t).GatewayURL }

func askOnce(t *testing.T, s *stack.Stack) { openAPICase{}.ask(t, s) }

func breakTheQueue(_ *testing.T, s *stack.Stack) {
	s.SQS.SetFault(func(sqs.Call) error { return errors.New("down") })
}

// killWhenCalled kills the function while it waits for HelpCrunch.
func killWhenCalled(t *testing.T, s *stack.Stack) {
	go func() {
		for changed := s.Simulator.Changed(); s.Simulator.Counts().Requests == 0; changed = s.Simulator.Changed() {
			select {
			case <-changed:
			case <-t.Context().Done():
				return
			}
		}
		s.HTTP.Kill()
	}()
}

// throttled is a function that Lambda does not run, because too many of its kind run already.
type throttled struct{}

func (throttled) Invoke(context.Context, []byte) ([]byte, error) {
	return nil, &lambda.Error{Type: lambda.Throttled}
}

func throttledFunction(t *testing.T, _ *stack.Stack) string { return serve(t, throttled{}) }
