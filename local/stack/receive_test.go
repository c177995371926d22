package stack_test

import (
	"context"
	"crypto/rand"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"helpcrunch-mark-read/local/stack"
)

// TestNoMessageIsLostToItsReader walks through 300 dead letters fifty times, more than 4 KB a batch, with the SDK's own HTTP
// client over TCP. Each walk must see all of them. One connection is enough; each one more is an answer that came too early,
// of which there were 200 to 290 before the embedded AWS had a distance. Under the race detector on a very busy machine a few
// still happen, and the receive's attempt id then brings the messages back.
func TestNoMessageIsLostToItsReader(t *testing.T) {
	t.Parallel()
	s := start(t, stack.Options{NoMapping: true})
	const deadLetters, walks = 300, 50
	for first := 0; first < deadLetters; first += 10 {
		s.sendDeadLetters(t, first)
	}
	var connections atomic.Int64
	client := awssqs.New(s.Client.Options(), func(o *awssqs.Options) {
		o.HTTPClient = awshttp.NewBuildableClient().WithTransportOptions(func(transport *http.Transport) {
			transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
				connections.Add(1)
				return (&net.Dialer{}).DialContext(ctx, network, address)
			}
		})
	})
	for walk := range walks {
		if seen := walkThrough(t, client, s.DeadURL); seen != deadLetters {
			t.Errorf("walk %d saw %d of %d dead letters", walk, seen, deadLetters)
		}
	}
	if n := connections.Load(); n > 100 {
		t.Errorf("%d connections, want one", n)
	}
}

func (s *harness) sendDeadLetters(t *testing.T, first int) {
	t.Helper()
	var entries []types.SendMessageBatchRequestEntry
	for i := range 10 {
		id := aws.String(strconv.Itoa(first + i))
		text := types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(strings.Repeat("x", 300))}
		entries = append(entries, types.SendMessageBatchRequestEntry{
			Id: id, MessageBody: id, MessageGroupId: id, MessageDeduplicationId: id,
			MessageAttributes: map[string]types.MessageAttributeValue{"ErrorMessage": text, "Source": text},
		})
	}
	sent, err := s.Client.SendMessageBatch(t.Context(), &awssqs.SendMessageBatchInput{QueueUrl: &s.DeadURL, Entries: entries})
	if err != nil || len(sent.Failed) > 0 {
		t.Fatal(sent, err)
	}
}

// walkThrough receives until nothing comes any more, and makes all of it visible again.
func walkThrough(t *testing.T, client *awssqs.Client, url string) (seen int) {
	t.Helper()
	var held [][]types.ChangeMessageVisibilityBatchRequestEntry
	for {
		received, err := client.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{
			QueueUrl: &url, MaxNumberOfMessages: 10, VisibilityTimeout: 120, ReceiveRequestAttemptId: aws.String(rand.Text()),
			MessageAttributeNames: []string{"All"}, MessageSystemAttributeNames: []types.MessageSystemAttributeName{"All"},
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(received.Messages) == 0 {
			break
		}
		seen += len(received.Messages)
		var batch []types.ChangeMessageVisibilityBatchRequestEntry
		for i, m := range received.Messages {
			batch = append(batch, types.ChangeMessageVisibilityBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: m.ReceiptHandle})
		}
		held = append(held, batch)
	}
	for _, batch := range held {
		changed, err := client.ChangeMessageVisibilityBatch(t.Context(), &awssqs.ChangeMessageVisibilityBatchInput{QueueUrl: &url, Entries: batch})
		if err != nil || len(changed.Failed) > 0 {
			t.Fatal(changed, err)
		}
	}
	return seen
}

// TestDistanceIsStillNeeded fails when smithy-go no longer breaks io.WriterTo's rule; the distance may go then.
func TestDistanceIsStillNeeded(t *testing.T) {
	request, err := smithyhttp.NewStackRequest().(*smithyhttp.Request).SetStream(strings.NewReader("{}"))
	if err != nil {
		t.Fatal(err)
	}
	request.ContentLength = 2
	body := request.Build(t.Context()).Body
	if err := body.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := body.(io.WriterTo).WriteTo(io.Discard); err != io.EOF {
		t.Errorf("WriteTo of a closed body returns %v: the embedded AWS may answer at once", err)
	}
}
