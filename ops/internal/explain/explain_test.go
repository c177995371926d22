package explain_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/aws/smithy-go"

	"helpcrunch-mark-read/ops/internal/explain"
)

func api(service, operation, code string) error {
	return &smithy.OperationError{ServiceID: service, OperationName: operation, Err: &smithy.GenericAPIError{Code: code, Message: "AWS's own words"}}
}

func TestSentence(t *testing.T) {
	at := func(err error) error {
		return &smithy.OperationError{ServiceID: "SQS", OperationName: "SendMessageBatch", Err: err}
	}
	for _, tc := range []struct {
		name string
		err  error
		want string // the beginning
	}{
		{"denied", api("Lambda", "GetFunctionConfiguration", "AccessDeniedException"), "Lambda GetFunctionConfiguration: these credentials may not do that (lambda:GetFunctionConfiguration); attach"},
		{"denied, as SQS says it", api("SQS", "ReceiveMessage", "AccessDenied"), "SQS ReceiveMessage: these credentials may not do that"},
		{"denied, as SNS says it", api("SNS", "ListSubscriptionsByTopic", "AuthorizationError"), "SNS ListSubscriptionsByTopic: these credentials may not do that (sns:ListSubscriptionsByTopic)"},
		{"denied, a name of two words", api("Secrets Manager", "GetSecretValue", "AccessDeniedException"), "Secrets Manager GetSecretValue: these credentials may not do that (secretsmanager:GetSecretValue)"},
		{"denied, as API Gateway names it", api("ApiGatewayV2", "GetRoutes", "AccessDeniedException"), "ApiGatewayV2 GetRoutes: these credentials may not do that (apigateway:GET); attach"},
		{"denied, a batch", api("SQS", "DeleteMessageBatch", "AccessDenied"), "SQS DeleteMessageBatch: these credentials may not do that (sqs:DeleteMessage); attach"},
		{"expired", api("SQS", "ReceiveMessage", "ExpiredToken"), "SQS ReceiveMessage: the AWS credentials have expired; sign in"},
		{"unknown credentials", api("SQS", "ReceiveMessage", "UnrecognizedClientException"), "SQS ReceiveMessage: AWS does not know these credentials"},
		{"a wrong signature", api("SQS", "ReceiveMessage", "SignatureDoesNotMatch"), "SQS ReceiveMessage: AWS does not accept the signature"},
		{"no queue", api("SQS", "ReceiveMessage", "AWS.SimpleQueueService.NonExistentQueue"), "SQS ReceiveMessage: there is no such queue"},
		{"no secret", api("Secrets Manager", "GetSecretValue", "ResourceNotFoundException"), "Secrets Manager GetSecretValue: there is no such thing in this account and region"},
		{"a KMS key", api("SQS", "SendMessageBatch", "KmsAccessDenied"), "SQS SendMessageBatch: the KMS key that encrypts it can't be used"},
		{"throttled", api("CloudWatch", "GetMetricData", "Throttling"), "CloudWatch GetMetricData: AWS is being asked too often"},
		{"too many in flight", api("SQS", "ReceiveMessage", "OverLimit"), "SQS ReceiveMessage: too many messages of the queue are out at once"},
		{"an error that nobody knows", at(&smithy.GenericAPIError{Code: "Odd", Message: "\x1b[2J\nops: all is well"}), "SQS SendMessageBatch: \ufffd[2J\ufffdops: all is well (Odd)"},
		{"AWS failed", api("SQS", "ReceiveMessage", "InternalFailure"), "SQS ReceiveMessage: AWS itself failed"},
		{"a code that is not known", api("SQS", "ReceiveMessage", "Strange"), "SQS ReceiveMessage: AWS's own words (Strange)"},
		{"wrapped", fmt.Errorf("line 3: %w", api("SQS", "SendMessageBatch", "AccessDenied")), "SQS SendMessageBatch: these credentials"},
		{"a host that is not found", at(&net.DNSError{Name: "sqs.nowhere"}), "SQS SendMessageBatch: the host sqs.nowhere can't be found; check --region"},
		{"refused", at(&net.OpError{Op: "dial", Err: errors.New("refused")}), "SQS SendMessageBatch: AWS can't be reached"},
		{"too late", at(context.DeadlineExceeded), "SQS SendMessageBatch: there was no answer in time"},
		{"something else's answer", at(&smithy.DeserializationError{Err: errors.New("invalid character '<'")}), "SQS SendMessageBatch: what answered is not AWS"},
		{"no credentials", at(fmt.Errorf("get identity: %w", &explain.CredentialsError{Err: &smithy.OperationError{ServiceID: "ec2imds", OperationName: "GetMetadata", Err: errors.New("no host")}})), "SQS SendMessageBatch: there are no AWS credentials"},
		{"not AWS at all", errors.New("the disk is full"), "the disk is full"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got := explain.Sentence(tc.err)
			if !strings.HasPrefix(got, tc.want) || strings.Contains(got, "\n") {
				t.Errorf("%q, want %q", got, tc.want)
			}
		})
	}
}
