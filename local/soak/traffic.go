package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"helpcrunch-mark-read/local/stack"
)

// Each way has chats of its own, because between them no order is promised. The simulator has chats from firstChat on.
const (
	firstChat  = 5208
	queueChats = 8
	callers    = 2
	answerTime = 10 * time.Second
)

// readers by the end of their endpoint's path.
var endpoints = map[string]string{"agent": "readByAgent", "customer": "readByCustomer"}

func anyReader(random *rand.Rand) string {
	if random.IntN(2) == 0 {
		return "agent"
	}
	return "customer"
}

// produce sends messages to the queue, a few of which are no marks or for a chat that is not there.
func (s *soak) produce(ctx context.Context, random *rand.Rand) {
	for n := 0; wait(ctx, time.Duration(random.IntN(60))*time.Millisecond); n++ {
		t := target{firstChat + int64(random.IntN(queueChats)), anyReader(random)}
		read := random.IntN(2) == 0
		body := fmt.Sprintf(`{"id": %d, "reader": %q, "read": %t}`, t.chat, t.reader, read)
		doomed := random.IntN(50) == 0
		if doomed {
			body = []string{`{"id": 1, "reader": "agent", "read": true}`, `{"id": "5208"}`, "no JSON"}[random.IntN(3)]
		}
		id, err := s.send(context.WithoutCancel(ctx), t, body, n)
		w, _ := readWish(body)
		s.ledger.queued(id, w)
		if !doomed {
			s.ledger.sent(t, sending{id, read, err != nil})
		}
	}
}

func (s *soak) send(ctx context.Context, t target, body string, n int) (id string, err error) {
	output, err := s.Client.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: &s.QueueURL, MessageBody: &body, MessageGroupId: aws.String(strconv.FormatInt(t.chat, 10)),
		MessageDeduplicationId: aws.String("soak-" + strconv.Itoa(n)),
	})
	if err != nil {
		return "", err
	}
	return *output.MessageId, nil
}

// call is one HTTP caller: one request after the other for a chat of its own, by the one way or the other. The two flags
// of its chat are kept apart: agents are marked at once, customers later.
func (s *soak) call(ctx context.Context, number int, random *rand.Rand) {
	chat := firstChat + queueChats + int64(number)
	for wait(ctx, time.Duration(random.IntN(200))*time.Millisecond) {
		t := target{chat, anyReader(random)}
		read := random.IntN(2) == 0
		status, body := s.request(context.WithoutCancel(ctx), t, read)
		s.ledger.answered(fmt.Sprintf("%s %d", endpoints[t.reader], status))
		var queued struct{ MessageID string }
		_ = json.Unmarshal([]byte(body), &queued)
		if t.reader == "customer" {
			s.ledger.queued(queued.MessageID, wish{t, read})
		}
		if status == http.StatusAccepted && queued.MessageID == "" {
			s.faults.add("a message was accepted without an id")
		}
		s.ledger.sent(t, sending{queued.MessageID, read, status < 200 || status > 299})
	}
}

// request makes one request and checks what is promised of every answer.
func (s *soak) request(ctx context.Context, t target, read bool) (status int, body string) {
	ctx, cancel := context.WithTimeout(ctx, 3*answerTime)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, s.GatewayURL+"/v1/chats/"+endpoints[t.reader],
		strings.NewReader(fmt.Sprintf(`{"id": %d, "read": %t}`, t.chat, read)))
	if err != nil {
		s.faults.add("no request can be made: %v", err)
		return 0, ""
	}
	request.Header.Set("Authorization", "Bearer "+stack.Token)
	request.Header.Set("Content-Type", "application/json")
	if t.reader == "customer" {
		request.Header.Set("Prefer", "respond-async")
	}
	started := time.Now()
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.faults.add("the gateway gave no answer: %v", err)
		return 0, ""
	}
	defer func() { _ = response.Body.Close() }()
	answer, _ := io.ReadAll(response.Body)
	limit := answerTime
	if started.Before(s.half) {
		limit += coldTime
	}
	if took := time.Since(started); took > limit {
		s.faults.add("an answer took %v", took)
	}
	if response.StatusCode/100 != 2 && !json.Valid(answer) {
		s.faults.add("status %d with a body that is no JSON", response.StatusCode)
	}
	return response.StatusCode, string(answer)
}

// coldTime is what a cold start may add while processes are killed: one that starts while everything hangs waits for that.
const coldTime = 3 * time.Second
