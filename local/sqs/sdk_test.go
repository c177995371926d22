package sqs_test

import (
	"net/http"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"helpcrunch-mark-read/local/loopback"
	"helpcrunch-mark-read/local/sqs"
)

// clientOf is a real SDK client, joined to the server without a socket.
func clientOf(s *sqs.Server) *awssqs.Client {
	return newClient("http://sqs.local", &http.Client{Transport: loopback.Transport(s)})
}

func newClient(endpoint string, h *http.Client) *awssqs.Client {
	return awssqs.New(awssqs.Options{
		BaseEndpoint:     &endpoint,
		Region:           "us-east-1",
		Credentials:      credentials.NewStaticCredentialsProvider("test", "test", ""),
		HTTPClient:       h,
		RetryMaxAttempts: 1,
	})
}

func TestLongPollWaitsOnSimulatedTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := sqs.New(sqs.Options{})
		c := clientOf(s)
		url := aws.String(s.QueueURL("marks"))
		if _, err := c.CreateQueue(t.Context(), &awssqs.CreateQueueInput{QueueName: aws.String("marks")}); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		var sender sync.WaitGroup
		defer sender.Wait() // the receive can be answered before the send is
		sender.Go(func() {
			time.Sleep(7 * time.Second)
			if _, err := c.SendMessage(t.Context(), &awssqs.SendMessageInput{QueueUrl: url, MessageBody: aws.String("x")}); err != nil {
				t.Error(err)
			}
		})
		got, err := c.ReceiveMessage(t.Context(), &awssqs.ReceiveMessageInput{QueueUrl: url, WaitTimeSeconds: 20})
		if err != nil || len(got.Messages) != 1 || time.Since(start) != 7*time.Second {
			t.Fatalf("after %v: %v, %v", time.Since(start), got, err)
		}
	})
}
