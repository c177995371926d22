package secretsmanager_test

import (
	"context"
	"net/http/httptest"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"helpcrunch-mark-read/local/secretsmanager"
)

const name = "helpcrunch/api-key"

// setup returns a server and the SDK's real client for it, which tries each call once.
func setup(t *testing.T) (*secretsmanager.Server, *sdk.Client) {
	t.Helper()
	server := secretsmanager.New(secretsmanager.Options{Region: "eu-central-1", AccountID: "123456789012"})
	front := httptest.NewServer(server)
	t.Cleanup(front.Close)
	client := sdk.New(sdk.Options{
		Region:           "eu-central-1",
		BaseEndpoint:     &front.URL,
		HTTPClient:       front.Client(),
		RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	})
	return server, client
}

func mustSet(t *testing.T, s *secretsmanager.Server, name, value string) (arn string) {
	t.Helper()
	arn, err := s.Set(name, value)
	if err != nil {
		t.Fatal(err)
	}
	return arn
}

func get(t *testing.T, client *sdk.Client, in *sdk.GetSecretValueInput) *sdk.GetSecretValueOutput {
	t.Helper()
	out, err := client.GetSecretValue(t.Context(), in)
	if err != nil {
		t.Fatal(err)
	}
	return out
}
