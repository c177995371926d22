package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"helpcrunch-mark-read/local/sqs"
	"helpcrunch-mark-read/shared/mark"
)

const secret = "webhook-secret"

func newBridge(t *testing.T) (*bridge, *sqs.Server) {
	t.Helper()
	queues := sqs.New(sqs.Options{})
	server := httptest.NewServer(queues)
	t.Cleanup(server.Close)
	client := awssqs.New(awssqs.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(server.URL), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
	made, err := client.CreateQueue(t.Context(), &awssqs.CreateQueueInput{
		QueueName: aws.String("marks.fifo"), Attributes: map[string]string{"FifoQueue": "true"},
	})
	if err != nil {
		t.Fatal(err)
	}
	return &bridge{queue: client, queueURL: *made.QueueUrl, secret: []byte(secret)}, queues
}

func (b *bridge) post(body, key string) int {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(body))
	request := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
	request.Header.Set("X-Crm-Signature", hex.EncodeToString(mac.Sum(nil)))
	recorder := httptest.NewRecorder()
	b.ServeHTTP(recorder, request)
	return recorder.Code
}

func TestAWebhookBecomesAMark(t *testing.T) {
	b, queues := newBridge(t)
	for _, body := range []string{
		`{"event_id": "e-1", "helpcrunch_chat_id": 5208}`,
		`{"event_id": "e-1", "helpcrunch_chat_id": 5208}`, // the CRM sends it twice
		`{"event_id": "e-2", "helpcrunch_chat_id": 5208, "unread": true}`,
		`{"event_id": "e-3", "helpcrunch_chat_id": 5208}`, // the same mark as the first: not swallowed
		`{"event_id": "e-4", "helpcrunch_chat_id": 5208, "helpcrunch_seen_up_to": 1603885866}`,
		`{"event_id": "e-5", "helpcrunch_chat_id": 5208, "helpcrunch_seen_up_to": "1603885866.250"}`, // HelpCrunch's other form of a time
	} {
		if status := b.post(body, secret); status != http.StatusNoContent {
			t.Fatalf("%s: status %d", body, status)
		}
	}
	messages, err := queues.Messages("marks.fifo")
	bound := mark.Bound{Set: true, Seconds: 1603885866}
	wants := []mark.Mark{{Read: true}, {}, {Read: true}, {Read: true, AsOf: bound}, {Read: true, AsOf: bound}}
	if err != nil || len(messages) != len(wants) {
		t.Fatalf("%d messages (%v), want %d", len(messages), err, len(wants))
	}
	for i, want := range wants {
		want.ID, want.Reader = 5208, mark.Agent
		if sent, err := mark.ReadMessage([]byte(messages[i].Body)); err != nil || sent != want || messages[i].GroupID != "5208" {
			t.Errorf("message %d is %s in group %s (%v), want %+v", i, messages[i].Body, messages[i].GroupID, err, want)
		}
	}
}

func TestWhatIsNotSent(t *testing.T) {
	for _, tc := range []struct {
		name, body, key string
		down            bool
		status          int
	}{
		{name: "a wrong signature", body: `{"event_id": "e", "helpcrunch_chat_id": 1}`, key: "another", status: 401},
		{name: "a time that is none", body: `{"event_id": "e", "helpcrunch_chat_id": 1, "helpcrunch_seen_up_to": "today"}`, key: secret, status: 400},
		{name: "no event", body: `{"event_id": "e"}`, key: secret, status: 400},
		{name: "no JSON", body: `hello`, key: secret, status: 400},
		{name: "more than 64 KiB", body: strings.Repeat(" ", 65<<10), key: secret, status: 401},
		{name: "no queue: the CRM must send it again", body: `{"event_id": "e", "helpcrunch_chat_id": 1}`, key: secret, down: true, status: 503},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b, queues := newBridge(t)
			if tc.down {
				queues.SetFault(func(sqs.Call) error { return errors.New("down") })
			}
			if status := b.post(tc.body, tc.key); status != tc.status {
				t.Errorf("status %d, want %d", status, tc.status)
			}
			if messages, _ := queues.Messages("marks.fifo"); len(messages) > 0 {
				t.Errorf("it was sent: %+v", messages)
			}
		})
	}
}
