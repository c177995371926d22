package stack_test

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/local/lambda"
	"helpcrunch-mark-read/local/secretsmanager"
	"helpcrunch-mark-read/local/simulator"
	"helpcrunch-mark-read/local/sqs"
	"helpcrunch-mark-read/local/stack"
	"helpcrunch-mark-read/local/stack/stacktest"
)

func TestMain(m *testing.M) { stacktest.Main(m) }

// harness is a stack whose functions are watched: whatever they log is lines of JSON without private data.
type harness struct{ *stack.Stack }

func start(t *testing.T, o stack.Options) *harness {
	t.Helper()
	private := privateWords(t)
	o.Log = func(line lambda.Line) {
		checkPrivacy(t, private, line.Text)
		checkLine(t, line.Text)
	}
	return &harness{stacktest.Start(t, o)}
}

// privateWords are what must never be logged: keys, tokens, and the people and words of the simulator's chats, also as they
// look inside of a JSON string.
func privateWords(t *testing.T) []string {
	t.Helper()
	helpCrunch, err := simulator.New(simulator.Options{Keys: []string{stack.FirstKey}})
	if err != nil {
		t.Fatal(err)
	}
	private := []string{stack.FirstKey, "local-helpcrunch-key-2", stack.Token, "@example", "lastMessageText", " Sample"} // the agents' family name
	for _, chat := range helpCrunch.Chats() {
		for _, text := range []string{chat.Customer, chat.LastMessage} {
			if text == "" {
				continue
			}
			quoted, _ := json.Marshal(text)
			private = append(private, text, strings.Trim(string(quoted), `"`))
		}
	}
	if len(private) < 20 {
		t.Fatalf("only %d words were found to look for", len(private))
	}
	return private
}

func checkPrivacy(t *testing.T, private []string, text string) {
	t.Helper()
	for _, word := range private {
		if strings.Contains(text, word) {
			t.Errorf("%q is in %s", word, text)
		}
	}
}

// checkLine holds that what a function writes is lines of JSON, whatever was sent to it. Only what the Go runtime itself
// says at an end by force is none.
func checkLine(t *testing.T, text string) {
	t.Helper()
	if strings.HasPrefix(text, "{") && !json.Valid([]byte(text)) || strings.Contains(text, `"message":"forged"`) {
		t.Errorf("no line of the function's: %s", text)
	}
}

// rows has every row of the outcome table, and every alternative in a row, as a user meets it.
var rows = []struct {
	name       string
	fault      simulator.Fault     // of HelpCrunch
	hook       secretsmanager.Hook // of Secrets Manager
	secret     string              // the secret's content, when it is another
	chat       int64               // 5208 when 0
	body       string              // of the HTTP request, when it is another
	outcome    string
	status     int    // of the HTTP answer
	code       string // the first in the HTTP answer; the outcome when empty, none when "-"
	retryAfter string
	queue      string // delete, hold or dead-letter
}{
	{name: "applied", outcome: "applied", status: 200, code: "-", queue: "delete"},
	{name: "applied: the documented sample, which is not JSON", fault: simulator.Fault{Kind: simulator.OKSample}, outcome: "applied", status: 200, code: "-", queue: "delete"},
	{name: "applied: the body is cut off", fault: simulator.Fault{Kind: simulator.CutOff}, outcome: "applied", status: 502, code: "unexpected", queue: "delete"},
	{name: "applied: the body never comes", fault: simulator.Fault{Kind: simulator.BrokenAfterHeaders}, outcome: "applied", status: 502, code: "unexpected", queue: "delete"},
	{name: "applied: the body has no end", fault: simulator.Fault{Kind: simulator.Endless}, outcome: "applied", status: 502, code: "unexpected", queue: "delete"},
	{name: "applied: the body is a gzip bomb", fault: simulator.Fault{Kind: simulator.GzipBomb, Size: 1 << 30}, outcome: "applied", status: 502, code: "unexpected", queue: "delete"},
	{name: "key_rejected: 401", fault: simulator.Fault{Kind: simulator.Unauthorized}, outcome: "key_rejected", status: 502, queue: "hold"},
	{name: "key_rejected: 401, newer codes", fault: simulator.Fault{Kind: simulator.InvalidToken}, outcome: "key_rejected", status: 502, queue: "hold"},
	{name: "unexpected: 403 of one chat alone", fault: simulator.Fault{Kind: simulator.Forbidden}, outcome: "unexpected", status: 502, queue: "hold"},
	{name: "key_rejected: 400 with its codes", fault: simulator.Fault{Kind: simulator.BadRequestUnauthorized}, outcome: "key_rejected", status: 502, queue: "hold"},
	{name: "rate_limited: 429", fault: simulator.Fault{Kind: simulator.TooManyRequests}, outcome: "rate_limited", status: 429, code: "invalid_request", retryAfter: "1", queue: "hold"},
	{name: "rate_limited: 429 with Retry-After", fault: simulator.Fault{Kind: simulator.TooManyRequests, RetryAfter: "30"}, outcome: "rate_limited", status: 429, code: "invalid_request", retryAfter: "30", queue: "hold"},
	{name: "rate_limited: a Retry-After beyond all bounds", fault: simulator.Fault{Kind: simulator.TooManyRequests, RetryAfter: "99999999999999999999"}, outcome: "rate_limited", status: 429, code: "invalid_request", retryAfter: "3600", queue: "hold"},
	{name: "rate_limited: 400 with its codes", fault: simulator.Fault{Kind: simulator.BadRequestTooManyRequests}, outcome: "rate_limited", status: 429, code: "invalid_request", retryAfter: "1", queue: "hold"},
	{name: "invalid_request: an invalid body", body: `{"id": "5208"}`, outcome: "invalid_request", status: 400, queue: "dead-letter"},
	{name: "invalid_request: 400", fault: simulator.Fault{Kind: simulator.BadRequest}, outcome: "invalid_request", status: 400, queue: "dead-letter"},
	{name: "invalid_request: 422", fault: simulator.Fault{Kind: simulator.Unprocessable}, outcome: "invalid_request", status: 400, queue: "dead-letter"},
	{name: "chat_not_found: a chat that is not there", chat: 1, outcome: "chat_not_found", status: 404, code: "not_fount", queue: "dead-letter"},
	{name: "chat_not_found: not_fount", fault: simulator.Fault{Kind: simulator.NotFount}, outcome: "chat_not_found", status: 404, code: "not_fount", queue: "dead-letter"},
	{name: "chat_not_found: not_found", fault: simulator.Fault{Kind: simulator.NotFound}, outcome: "chat_not_found", status: 404, code: "not_found", queue: "dead-letter"},
	{name: "chat_not_found: chat_not_found", fault: simulator.Fault{Kind: simulator.ChatNotFound}, outcome: "chat_not_found", status: 404, code: "chat_not_found", queue: "dead-letter"},
	{name: "chat_not_found: the documented sample, which is not JSON", fault: simulator.Fault{Kind: simulator.NotFoundSample}, outcome: "chat_not_found", status: 404, queue: "dead-letter"},
	{name: "key_unavailable: denied", hook: secretsmanager.Fail(secretsmanager.ErrAccessDenied), outcome: "key_unavailable", status: 503, retryAfter: "5", queue: "hold"},
	{name: "key_unavailable: throttled", hook: secretsmanager.Fail(secretsmanager.ErrThrottling), outcome: "key_unavailable", status: 503, retryAfter: "5", queue: "hold"},
	{name: "key_unavailable: no answer", hook: secretsmanager.Hang, outcome: "key_unavailable", status: 503, retryAfter: "5", queue: "hold"},
	{name: "key_unavailable: empty", secret: " \n", outcome: "key_unavailable", status: 503, retryAfter: "5", queue: "hold"},
	{name: "key_unavailable: no apiKey", secret: `{"password":"x"}`, outcome: "key_unavailable", status: 503, retryAfter: "5", queue: "hold"},
	{name: "key_unavailable: a line break in it", secret: "one\ntwo", outcome: "key_unavailable", status: 503, retryAfter: "5", queue: "hold"},
	{name: "timed_out", fault: simulator.Fault{Kind: simulator.Hang}, outcome: "timed_out", status: 504, queue: "hold"},
	{name: "unavailable: 500", fault: simulator.Fault{Kind: simulator.InternalError}, outcome: "unavailable", status: 502, queue: "hold"},
	{name: "unavailable: 502", fault: simulator.Fault{Kind: simulator.BadGateway}, outcome: "unavailable", status: 502, queue: "hold"},
	{name: "unavailable: 503", fault: simulator.Fault{Kind: simulator.Unavailable}, outcome: "unavailable", status: 502, queue: "hold"},
	{name: "unavailable: 504", fault: simulator.Fault{Kind: simulator.GatewayTimeout}, outcome: "unavailable", status: 502, queue: "hold"},
	{name: "unavailable: a broken connection", fault: simulator.Fault{Kind: simulator.BrokenBeforeHeaders}, outcome: "unavailable", status: 502, queue: "hold"},
	{name: "unexpected: a redirect", fault: simulator.Fault{Kind: simulator.Redirect, Location: "http://127.0.0.1:1/"}, outcome: "unexpected", status: 502, queue: "hold"},
	{name: "unexpected: 404 as a page", fault: simulator.Fault{Kind: simulator.NotFoundHTML}, outcome: "unexpected", status: 502, queue: "hold"},
	{name: "unexpected: 404 with an unknown code", fault: simulator.Fault{Kind: simulator.NotFoundUnknownCode}, outcome: "unexpected", status: 502, queue: "hold"},
	{name: "unexpected: another 4xx", fault: simulator.Fault{Kind: simulator.Answer, Status: 418}, outcome: "unexpected", status: 502, queue: "hold"},
	{name: "unexpected: a page with 200", fault: simulator.Fault{Kind: simulator.HTML}, outcome: "unexpected", status: 502, queue: "hold"},
}

func TestOutcomesThroughTheHTTPFunction(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Options{NoMapping: true})
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s.reset(t, row.fault, row.hook, row.secret)
			body := row.body
			if body == "" {
				body = fmt.Sprintf(`{"id": %d, "read": true}`, cmp.Or(row.chat, 5208))
			}
			started := time.Now()
			answer := s.put(t, "readByAgent", body)
			if took := time.Since(started); took > 10*time.Second {
				t.Errorf("took %v, 10 s are promised", took)
			}
			var list struct {
				Errors []struct{ Code, Message string }
			}
			_ = json.Unmarshal([]byte(answer.Body), &list)
			code := "-"
			if len(list.Errors) > 0 {
				code = list.Errors[0].Code
			}
			if want := cmp.Or(row.code, row.outcome); answer.StatusCode != row.status || code != want {
				t.Errorf("answer = %d with %q, want %d with %q: %s", answer.StatusCode, code, row.status, want, answer.Body)
			}
			if answer.Headers["Retry-After"] != row.retryAfter || answer.Headers["Content-Type"] != "application/json" {
				t.Errorf("headers = %v, want Retry-After %q", answer.Headers, row.retryAfter)
			}
		})
	}
}

func TestOutcomesThroughTheQueueFunction(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Options{NoMapping: true, RequestsPerMinute: 60_000, QueueTimeout: 5 * time.Second})
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s.reset(t, row.fault, row.hook, row.secret)
			body := row.body
			if body == "" {
				body = fmt.Sprintf(`{"id": %d, "reader": "agent", "read": true}`, cmp.Or(row.chat, 5208))
			}
			if disposition, outcome := s.invokeQueue(t, body); disposition != row.queue || outcome != "" && outcome != row.outcome {
				t.Errorf("the message: %s (%s), want %s (%s)", disposition, outcome, row.queue, row.outcome)
			}
		})
	}
}

// reset prepares for the next case a HelpCrunch, a secret and environments that know nothing of the one before.
func (s *harness) reset(t *testing.T, fault simulator.Fault, hook secretsmanager.Hook, secret string) {
	t.Helper()
	s.HTTP.Kill()
	s.Queue.Kill()
	s.Simulator.Reset()
	s.Secrets.SetHook(hook)
	_, err := s.Secrets.Set(stack.KeySecret, cmp.Or(secret, stack.FirstKey))
	if err == nil && fault.Kind != "" {
		err = s.Simulator.AddFault(fault)
	}
	if err == nil {
		err = s.Simulator.SetKeys(stack.FirstKey)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// put invokes the HTTP function as API Gateway does.
func (s *harness) put(t *testing.T, endpoint, body string) (answer events.APIGatewayV2HTTPResponse) {
	t.Helper()
	event := map[string]any{
		"version": "2.0", "routeKey": "PUT /v1/chats/" + endpoint, "rawPath": "/v1/chats/" + endpoint,
		"headers":        map[string]string{"authorization": "Bearer " + stack.Token, "content-type": "application/json"},
		"requestContext": map[string]any{"stage": "$default", "http": map[string]string{"method": "PUT"}},
		"body":           body, "isBase64Encoded": false,
	}
	payload, _ := json.Marshal(event)
	output, err := s.invoke(t, s.HTTP, payload)
	if err == nil {
		err = json.Unmarshal(output, &answer)
	}
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// invoke tries again when the environment was one that the reset had killed.
func (s *harness) invoke(t *testing.T, f *lambda.Function, payload []byte) (output []byte, err error) {
	t.Helper()
	for range 3 {
		output, err = f.Invoke(t.Context(), payload)
		var failed *lambda.Error
		if !errors.As(err, &failed) || failed.Type != lambda.ProcessEnded {
			return output, err
		}
	}
	return output, err
}

// invokeQueue sends one message, hands it to the queue function as the event source mapping does, and says what became of
// it and, if it died, of what.
func (s *harness) invokeQueue(t *testing.T, body string) (disposition, outcome string) {
	t.Helper()
	id := rand.Text()
	sent, err := s.Client.SendMessage(t.Context(), &awssqs.SendMessageInput{
		QueueUrl: &s.QueueURL, MessageBody: &body, MessageGroupId: &id, MessageDeduplicationId: &id,
	})
	if err != nil {
		t.Fatal(err)
	}
	m := s.receive(t, *sent.MessageId)
	payload, _ := json.Marshal(events.SQSEvent{Records: []events.SQSMessage{{
		MessageId: *m.MessageId, ReceiptHandle: *m.ReceiptHandle, Body: *m.Body, Attributes: m.Attributes,
		EventSource: "aws:sqs", EventSourceARN: s.SQS.QueueARN(s.QueueName),
	}}})
	output, err := s.invoke(t, s.Queue, payload)
	if err != nil {
		t.Fatal(err)
	}
	return s.disposition(t, *m.MessageId, output)
}

// receive returns the message with the id; what an earlier case has left behind is passed over.
func (s *harness) receive(t *testing.T, id string) types.Message {
	t.Helper()
	received, err := s.Client.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{
		QueueUrl: &s.QueueURL, MaxNumberOfMessages: 10, MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range received.Messages {
		if *m.MessageId == id {
			return m
		}
	}
	t.Fatalf("message %s was not received", id)
	return types.Message{}
}

func (s *harness) disposition(t *testing.T, id string, output []byte) (disposition, outcome string) {
	t.Helper()
	dead, err := s.SQS.Messages(s.DeadName)
	if err != nil {
		t.Fatal(err)
	}
	queued, err := s.SQS.Messages(s.QueueName)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range dead {
		if !strings.Contains(m.Attributes["Source"].StringValue, id) {
			continue
		}
		for _, attribute := range m.Attributes {
			checkPrivacy(t, privateWords(t), attribute.StringValue)
		}
		outcome = m.Attributes["Outcome"].StringValue
	}
	reported := strings.Contains(string(output), id)
	i := slices.IndexFunc(queued, func(m sqs.Message) bool { return m.ID == id })
	held := time.Until(queued[i].VisibleAt)
	switch {
	case reported && outcome == "" && held > 0 && held <= time.Hour:
		return "hold", ""
	case !reported && outcome != "":
		return "dead-letter", outcome
	case !reported:
		return "delete", ""
	}
	return fmt.Sprintf("reported %t, invisible for %v", reported, held), outcome
}
