package sqs_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"helpcrunch-mark-read/local/sqs"
)

// FuzzRequest sends any bytes to any action. The server must answer in its own shape, must never fail
// by itself, and must not let anything into a queue that SQS refuses.
func FuzzRequest(f *testing.F) {
	for _, seed := range [][2]string{
		{"CreateQueue", `{"QueueName":"new.fifo","Attributes":{"FifoQueue":"true","VisibilityTimeout":"0"}}`},
		{"GetQueueUrl", `{"QueueName":"q"}`},
		{"GetQueueAttributes", `{"QueueUrl":"q","AttributeNames":["All"]}`},
		{"SetQueueAttributes", `{"QueueUrl":"q","Attributes":{"RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:000000000000:q\",\"maxReceiveCount\":\"1\"}"}}`},
		{"SendMessage", `{"QueueUrl":"q","MessageBody":"x","MessageAttributes":{"a":{"DataType":"Binary","BinaryValue":"AA=="}}}`},
		{"SendMessage", `{"QueueUrl":"q.fifo","MessageBody":"\ud800\u0000","MessageGroupId":"g","MessageDeduplicationId":"d"}`},
		{"SendMessageBatch", `{"QueueUrl":"q.fifo","Entries":[{"Id":"1","MessageBody":"x","MessageGroupId":"g","MessageDeduplicationId":"d"}]}`},
		{"ReceiveMessage", `{"QueueUrl":"q","MaxNumberOfMessages":10,"VisibilityTimeout":0,"WaitTimeSeconds":20,"MessageAttributeNames":["All"]}`},
		{"DeleteMessage", `{"QueueUrl":"q","ReceiptHandle":"cSBpZCAx"}`},
		{"DeleteMessageBatch", `{"QueueUrl":"q","Entries":[{"Id":"1","ReceiptHandle":"cSBpZCA5OTk5OTk5OTk5OTk5OTk5OTk5OTk="}]}`},
		{"ChangeMessageVisibility", `{"QueueUrl":"q","ReceiptHandle":"","VisibilityTimeout":9223372036854775807}`},
		{"ChangeMessageVisibilityBatch", `{"QueueUrl":"q","Entries":[{"Id":"1","ReceiptHandle":"x"}]}`},
		{"", `null`},
	} {
		f.Add(seed[0], []byte(seed[1]))
	}
	f.Fuzz(func(t *testing.T, action string, body []byte) {
		s := stocked()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Millisecond) // a long poll must end
		defer cancel()
		r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/", strings.NewReader(string(body)))
		r.Header.Set("X-Amz-Target", "AmazonSQS."+action)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code >= 500 || ctx.Err() == nil && !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s answered %d %s", action, w.Code, w.Body)
		}
		checkQueues(t, s)
	})
}

// stocked has a queue of each kind with a message in it.
func stocked() *sqs.Server {
	s := sqs.New(sqs.Options{})
	call(s, "AmazonSQS.CreateQueue", `{"QueueName":"q"}`)
	call(s, "AmazonSQS.CreateQueue", `{"QueueName":"q.fifo","Attributes":{"FifoQueue":"true"}}`)
	call(s, "AmazonSQS.SendMessage", `{"QueueUrl":"q","MessageBody":"x"}`)
	call(s, "AmazonSQS.SendMessage", `{"QueueUrl":"q.fifo","MessageBody":"x","MessageGroupId":"g","MessageDeduplicationId":"e"}`)
	return s
}

func checkQueues(t *testing.T, s *sqs.Server) {
	for _, name := range []string{"q", "q.fifo"} {
		messages, err := s.Messages(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range messages {
			fifo := strings.HasSuffix(name, ".fifo")
			bad := m.Body == "" || !utf8.ValidString(m.Body) || strings.ContainsAny(m.Body, "\x00\x08\x1f\ufffe\uffff") ||
				len(m.Body) > 1<<20 || len(m.Attributes) > 10 || fifo && (m.GroupID == "" || m.DeduplicationID == "" || m.SequenceNumber == "")
			if bad {
				t.Errorf("%s holds %+v", name, m)
			}
		}
	}
}
