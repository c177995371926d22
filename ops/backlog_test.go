package main

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/local/eventsource"
	"helpcrunch-mark-read/local/loopback"
	"helpcrunch-mark-read/local/simulator"
	"helpcrunch-mark-read/shared/apikey"
	"helpcrunch-mark-read/shared/attempt"
	"helpcrunch-mark-read/shared/helpcrunch"
	"helpcrunch-mark-read/shared/mark"
	"helpcrunch-mark-read/shared/pace"
	"helpcrunch-mark-read/shared/queue"
	"helpcrunch-mark-read/shared/secret"
)

const (
	backlog = 1000
	chats   = 250 // four marks each
)

// A pause in the middle of a backlog, resumed half an hour later: nothing is lost, the order is kept, and HelpCrunch is
// not called in between but by the batches in flight.
func TestPauseInTheMiddleOfABacklog(t *testing.T) {
	inAccount(t, func(t *testing.T, w *world) {
		helpCrunch, err := simulator.New(simulator.Options{Keys: []string{theKey}})
		if err != nil {
			t.Fatal(err)
		}
		for chat := range int64(chats) {
			if err := helpCrunch.SetChat(chat+1, false, false); err != nil {
				t.Fatal(err)
			}
		}
		sent := w.sendBacklog(t)
		var mu sync.Mutex
		var done []string
		mapping := eventsource.Start(eventsource.Options{
			SQS: w.Client, QueueURL: w.Marks, QueueARN: w.Server.QueueARN("marks.fifo"), Invoke: w.environments(helpCrunch), MaximumConcurrency: 2,
			Observe: func(b eventsource.Batch) {
				mu.Lock()
				defer mu.Unlock()
				done = append(done, slices.DeleteFunc(slices.Clone(b.MessageIDs), func(id string) bool { return slices.Contains(b.Returned, id) })...)
			},
		})
		defer func() { _ = mapping.Stop(context.Background()) }()
		w.account.Toggled = func(enabled bool) {
			if enabled {
				mapping.Resume()
			} else {
				mapping.Pause()
			}
		}
		time.Sleep(5 * time.Minute)
		w.ops(t.Context(), "", onStack("pause", "--for", "30m", "--reason", "HelpCrunch asked us to")...).check(t, 0)
		time.Sleep(2 * time.Minute)
		calls := helpCrunch.Counts().Requests
		if calls < 100 || calls > 900 {
			t.Fatalf("the pause is not in the middle: %d calls", calls)
		}
		time.Sleep(27 * time.Minute)
		if now := helpCrunch.Counts().Requests; now != calls {
			t.Errorf("%d calls from two minutes after the pause on", now-calls)
		}
		time.Sleep(20 * time.Minute)
		mu.Lock()
		defer mu.Unlock()
		if left := len(w.Messages(t, w.Marks)) + len(w.Messages(t, w.Dead)); left != 0 || len(done) != backlog {
			t.Fatalf("%d are left, and %d done", left, len(done))
		}
		checkOrder(t, sent, done)
		for _, chat := range helpCrunch.Chats() {
			if chat.ID <= chats && !chat.ReadByAgent {
				t.Errorf("chat %d does not have its last mark", chat.ID)
			}
		}
	})
}

// sendBacklog sends unread and read by turns to each chat, and returns the message ids by chat.
func (w *world) sendBacklog(t *testing.T) map[int64][]string {
	t.Helper()
	sent := map[int64][]string{}
	for n := 0; n < backlog; n += 10 {
		entries := make([]types.SendMessageBatchRequestEntry, 10)
		for i := range entries {
			chat := int64((n+i)%chats + 1)
			body := mark.Mark{ID: chat, Reader: mark.Agent, Read: (n+i)/chats%2 == 1}.Message()
			entries[i] = types.SendMessageBatchRequestEntry{
				Id: aws.String(strconv.Itoa(i)), MessageBody: aws.String(body),
				MessageGroupId: aws.String(strconv.FormatInt(chat, 10)), MessageDeduplicationId: aws.String(strconv.Itoa(n + i)),
			}
		}
		out, err := w.Client.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: aws.String(w.Marks), Entries: entries})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range out.Successful {
			i, _ := strconv.Atoi(*s.Id)
			chat := int64((n+i)%chats + 1)
			sent[chat] = append(sent[chat], *s.MessageId)
		}
	}
	return sent
}

// environments are two environments of functions/queue, as Lambda runs them: a batch each at a time.
func (w *world) environments(helpCrunch http.Handler) func(context.Context, []byte) ([]byte, error) {
	free := make(chan *queue.Handler, 2)
	for range cap(free) {
		fetch := secret.FromSecretsManager(secretsmanager.NewFromConfig(w.Config), "the-secret", apikey.Parse)
		free <- &queue.Handler{
			Attempts: &attempt.Maker{
				Keys: apikey.New(fetch, time.Hour), HelpCrunch: helpcrunch.New("https://helpcrunch.local/v1", loopback.Transport(helpCrunch), 64<<10), MaxCall: 8 * time.Second,
			},
			Pacer: pace.NewPacer(100, cap(free)), SQS: w.Client, QueueURL: w.Marks, DeadLetterURL: w.Dead, RetryWindow: 24 * time.Hour,
			Log: slog.New(slog.DiscardHandler), Metrics: io.Discard, Function: "queue",
		}
	}
	return func(ctx context.Context, event []byte) ([]byte, error) {
		ctx, cancel := context.WithTimeout(ctx, time.Minute)
		defer cancel()
		handler := <-free
		defer func() { free <- handler }()
		var batch events.SQSEvent
		if err := json.Unmarshal(event, &batch); err != nil {
			return nil, err
		}
		response, err := handler.Handle(ctx, batch)
		if err != nil {
			return nil, err
		}
		return json.Marshal(response)
	}
}

func checkOrder(t *testing.T, sent map[int64][]string, done []string) {
	t.Helper()
	position := map[string]int{}
	for i, id := range done {
		position[id] = i
	}
	for chat, ids := range sent {
		for i, id := range ids {
			at, there := position[id]
			if !there {
				t.Errorf("chat %d: message %d is lost", chat, i)
			} else if i > 0 && at < position[ids[i-1]] {
				t.Errorf("chat %d: message %d overtook the one before", chat, i)
			}
		}
	}
}
