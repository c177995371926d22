package stack

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"helpcrunch-mark-read/local/secretsmanager"
	"helpcrunch-mark-read/local/sqs"
)

func (s *Stack) startAWS(context.Context) (err error) {
	s.Secrets = secretsmanager.New(secretsmanager.Options{Region: Region, AccountID: account})
	listener, err := s.listen("AWS", s.options.AWS)
	if err != nil {
		return err
	}
	s.AWSURL = "http://" + listener.Addr().String()
	s.SQS = sqs.New(sqs.Options{Region: Region, AccountID: account, BaseURL: s.AWSURL})
	s.serveOn(listener, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.Header.Get("X-Amz-Target"), "secretsmanager.") {
			s.Secrets.ServeHTTP(distant{w}, r)
			return
		}
		s.SQS.ServeHTTP(distant{w}, r)
	}))
	s.Client = awssqs.New(awssqs.Options{
		Region: Region, BaseEndpoint: aws.String(s.AWSURL), Credentials: credentials.StaticCredentialsProvider{Value: Credentials},
	})
	if _, err := s.Secrets.Set(KeySecret, cmp.Or(s.options.RealKey, FirstKey)); err != nil {
		return err
	}
	_, err = s.Secrets.Set(TokenSecret, Token)
	return err
}

// RotateKey puts a new HelpCrunch key into its secret, and then has HelpCrunch accept no other.
func (s *Stack) RotateKey(key string) error {
	_, err := s.Secrets.Set(KeySecret, key)
	return errors.Join(err, s.Simulator.SetKeys(key))
}

// makeQueues makes the queues as the template does.
func (s *Stack) makeQueues(ctx context.Context) (err error) {
	s.QueueName, s.DeadName = "marks.fifo", "marks-dead.fifo"
	attributes := map[string]string{"FifoQueue": "true", "MessageRetentionPeriod": "1209600", "VisibilityTimeout": "360"}
	if s.options.Standard {
		s.QueueName, s.DeadName = "marks", "marks-dead"
		delete(attributes, "FifoQueue")
	}
	if s.DeadURL, err = s.makeQueue(ctx, s.DeadName, attributes); err != nil {
		return err
	}
	attributes["RedrivePolicy"] = fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":1000}`, s.SQS.QueueARN(s.DeadName))
	s.QueueURL, err = s.makeQueue(ctx, s.QueueName, attributes)
	return err
}

func (s *Stack) makeQueue(ctx context.Context, name string, attributes map[string]string) (string, error) {
	made, err := s.Client.CreateQueue(ctx, &awssqs.CreateQueueInput{QueueName: aws.String(name), Attributes: attributes})
	if err != nil {
		return "", err
	}
	return *made.QueueUrl, nil
}
