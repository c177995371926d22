package soak

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"helpcrunch-mark-read/local/account"
	"helpcrunch-mark-read/local/stack"
)

// Each way has chats of its own, because between them no order is promised. The simulator has chats from firstChat on.
const (
	firstChat  = 5208
	queueChats = 8
	callers    = 2
	answerTime = 10 * time.Second
)

func anyReader(random *rand.Rand) string {
	if random.IntN(2) == 0 {
		return "agent"
	}
	return "customer"
}

// anyBound is a bound for some marks. Nobody writes meanwhile, so that none is overtaken; HelpCrunch must never see one.
func anyBound(random *rand.Rand) string {
	if random.IntN(2) == 0 {
		return ""
	}
	return fmt.Sprintf(`, "asOf": %d`, time.Now().Unix())
}

// produce sends messages to the queue, a few of which are invalid or for a chat that is not there.
func (s *soak) produce(ctx context.Context, random *rand.Rand) {
	for n := 0; wait(ctx, time.Duration(random.IntN(60))*time.Millisecond); n++ {
		body := fmt.Sprintf(`{"id": %d, "reader": %q, "read": %t%s}`, firstChat+random.IntN(queueChats), anyReader(random), random.IntN(2) == 0, anyBound(random))
		if random.IntN(50) == 0 {
			body = []string{`{"id": 1, "reader": "agent", "read": true}`, `{"id": "5208"}`, "not JSON"}[random.IntN(3)]
		}
		_ = s.Send(context.WithoutCancel(ctx), s.Stack, body, fmt.Sprintf("soak-%d", n)) // the account knows what it means
	}
}

// call is one HTTP caller: one request after the other for a chat of its own, by the one way or the other. The two flags
// of its chat are kept apart: agents are marked at once, customers later.
func (s *soak) call(ctx context.Context, number int, random *rand.Rand) {
	chat := firstChat + queueChats + int64(number)
	for wait(ctx, time.Duration(random.IntN(200))*time.Millisecond) {
		t := account.Target{Chat: chat, Reader: anyReader(random)}
		read := random.IntN(2) == 0
		status, body := s.request(context.WithoutCancel(ctx), t, fmt.Sprintf(`{"id": %d, "read": %t%s}`, t.Chat, read, anyBound(random)))
		if t.Reader == "agent" {
			s.Called(t, read, status)
			continue
		}
		var queued struct{ MessageID string }
		_ = json.Unmarshal(body, &queued)
		if status == http.StatusAccepted && queued.MessageID == "" {
			s.Broken("a message was accepted without an id")
		}
		s.Queued(t, read, status, queued.MessageID)
	}
}

// request makes one request and checks what is promised of every answer.
func (s *soak) request(ctx context.Context, t account.Target, mark string) (status int, body []byte) {
	started := time.Now()
	answer, err := s.Put(ctx, t.Reader, mark, stack.Token, t.Reader == "customer")
	if err != nil {
		s.Broken("the gateway did not answer: %v", err)
		return 0, nil
	}
	limit := answerTime
	if started.Before(s.half) {
		limit += coldTime
	}
	if took := time.Since(started); took > limit {
		s.Broken("an answer took %v", took)
	}
	if answer.Status/100 != 2 && !json.Valid(answer.Body) {
		s.Broken("status %d with a body that is not JSON", answer.Status)
	}
	return answer.Status, answer.Body
}

// coldTime is what a cold start may add while processes are killed: one that starts while everything hangs waits for that.
const coldTime = 3 * time.Second
