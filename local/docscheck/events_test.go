package docscheck

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"helpcrunch-mark-read/local/simulator"
	"helpcrunch-mark-read/local/stack"
	"helpcrunch-mark-read/local/stack/stacktest"
)

// TestEvents runs every file in events/ through the compiled function that it is for.
func TestEvents(t *testing.T) {
	t.Parallel()
	fifo, standard := stacktest.Start(t, stack.Options{NoMapping: true}), stacktest.Start(t, stack.Options{NoMapping: true, Standard: true})
	cases := []struct {
		file  string
		s     *stack.Stack
		check func(*testing.T, *stack.Stack, string)
	}{
		{"http-agent.json", fifo, answers(200, 5208, true, false)},
		{"http-customer.json", fifo, answersUnread},
		{"http-base64.json", fifo, answers(200, 5208, true, false)},
		{"http-respond-async.json", fifo, isQueued},
		{"function-url.json", fifo, answers(200, 5208, true, false)},
		{"sqs-fifo.json", fifo, worksThrough(3, nil, map[int64][2]bool{5208: {false, true}, 5209: {true, false}})},
		{"sqs-standard.json", standard, worksThrough(1, []string{"invalid_request"}, map[int64][2]bool{5208: {true, false}, 5209: {false, false}})},
		{"eventbridge.json", standard, isMark("detail")},
		{"sns.json", standard, isMark("Message")},
	}
	for _, tc := range cases {
		if !strings.Contains(read(t, "events/README.md"), "["+tc.file+"]") {
			t.Errorf("events/README.md does not say what %s is", tc.file)
		}
		t.Run(tc.file, func(t *testing.T) {
			renew(t, tc.s, simulator.Fault{}, nil)
			tc.check(t, tc.s, read(t, "events/"+tc.file))
		})
	}
	files, _ := filepath.Glob(filepath.Join(root, "events/*.json"))
	if len(files) != len(cases) {
		t.Errorf("events/ has %d files, and %d are tested here", len(files), len(cases))
	}
}

func answer(t *testing.T, s *stack.Stack, event string) (a events.APIGatewayV2HTTPResponse) {
	t.Helper()
	payload, err := s.HTTP.Invoke(t.Context(), []byte(event))
	if err == nil {
		err = json.Unmarshal(payload, &a)
	}
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func answers(status int, chat int64, byAgent, byCustomer bool) func(*testing.T, *stack.Stack, string) {
	return func(t *testing.T, s *stack.Stack, event string) {
		if a := answer(t, s, event); a.StatusCode != status || a.Headers["Mark-Overtaken"] != "" {
			t.Errorf("status %d, headers %v: %s", a.StatusCode, a.Headers, a.Body)
		}
		flags(t, s, chat, byAgent, byCustomer)
	}
}

// answersUnread marks as unread what was read before, so that it is seen to do something.
func answersUnread(t *testing.T, s *stack.Stack, event string) {
	if err := s.Simulator.SetChat(5209, true, true); err != nil {
		t.Fatal(err)
	}
	answers(200, 5209, true, false)(t, s, event)
}

func flags(t *testing.T, s *stack.Stack, chat int64, byAgent, byCustomer bool) {
	t.Helper()
	if state, _ := s.Simulator.Chat(chat); state.ReadByAgent != byAgent || state.ReadByCustomer != byCustomer {
		t.Errorf("chat %d is %v, %v, want %v, %v", chat, state.ReadByAgent, state.ReadByCustomer, byAgent, byCustomer)
	}
}

func isQueued(t *testing.T, s *stack.Stack, event string) {
	if a := answer(t, s, event); a.StatusCode != 202 {
		t.Errorf("status %d: %s", a.StatusCode, a.Body)
	}
	queued, err := s.SQS.Messages(s.QueueName)
	if err != nil || len(queued) != 1 || queued[0].GroupID != "5208" || !strings.Contains(queued[0].Body, `"asOf": 1795435190`) {
		t.Errorf("queued: %+v %v", queued, err)
	}
	flags(t, s, 5208, false, false)
}

// worksThrough passes the event to the queue function, which must report nothing, write these dead letters and leave the
// chats so.
func worksThrough(calls int64, want []string, chats map[int64][2]bool) func(*testing.T, *stack.Stack, string) {
	return func(t *testing.T, s *stack.Stack, event string) {
		before := len(deadLetters(t, s))
		output, err := s.Queue.Invoke(t.Context(), []byte(event))
		if err != nil || string(output) != `{"batchItemFailures":[]}` {
			t.Errorf("answer %s (%v)", output, err)
		}
		if got := deadLetters(t, s)[before:]; fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("dead letters %v, want %v", got, want)
		}
		for chat, want := range chats {
			flags(t, s, chat, want[0], want[1])
		}
		if made := s.Simulator.Counts().Requests; int64(made) != calls {
			t.Errorf("%d calls, want %d", made, calls)
		}
	}
}

func deadLetters(t *testing.T, s *stack.Stack) (outcomes []string) {
	t.Helper()
	messages, err := s.SQS.Messages(s.DeadName)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range messages {
		outcomes = append(outcomes, m.Attributes["Outcome"].StringValue)
	}
	return outcomes
}

// isMark puts what EventBridge or SNS makes of the file into the standard queue's event: the part is a mark, all of it is
// none and becomes a dead letter.
func isMark(part string) func(*testing.T, *stack.Stack, string) {
	return func(t *testing.T, s *stack.Stack, event string) {
		body := field(t, event, part)
		worksThrough(1, nil, map[int64][2]bool{5208: {true, false}})(t, s, standardBatch(t, body))
		renew(t, s, simulator.Fault{}, nil)
		worksThrough(0, []string{"invalid_request"}, map[int64][2]bool{5208: {false, false}})(t, s, standardBatch(t, event))
	}
}

// field returns a part of a JSON object as text: what a string says, or the JSON of anything else.
func field(t *testing.T, object, name string) string {
	t.Helper()
	var fields map[string]json.RawMessage
	if err := json.Unmarshal([]byte(object), &fields); err != nil {
		t.Fatal(err)
	}
	var text string
	if json.Unmarshal(fields[name], &text) == nil {
		return text
	}
	return string(fields[name])
}

// standardBatch is the event of a batch of one message.
func standardBatch(t *testing.T, body string) string {
	t.Helper()
	var event events.SQSEvent
	if err := json.Unmarshal([]byte(read(t, "events/sqs-standard.json")), &event); err != nil {
		t.Fatal(err)
	}
	event.Records = event.Records[:1]
	event.Records[0].Body = body
	payload, err := json.Marshal(event)
	if err != nil {
		t.Fatal(err)
	}
	return string(payload)
}
