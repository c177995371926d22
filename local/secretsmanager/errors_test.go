package secretsmanager_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	sdk "github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/smithy-go"

	"helpcrunch-mark-read/local/secretsmanager"
)

// as makes a check that an error is of one of the SDK's own types.
func as[E error]() func(error) bool {
	return func(err error) bool {
		var typed E
		return errors.As(err, &typed)
	}
}

// code makes a check for an error that the SDK has no type of its own for.
func code(want string) func(error) bool {
	return func(err error) bool {
		var api smithy.APIError
		return errors.As(err, &api) && api.ErrorCode() == want
	}
}

func TestErrorsAreTyped(t *testing.T) {
	read := func(ctx context.Context, c *sdk.Client) error {
		_, err := c.GetSecretValue(ctx, &sdk.GetSecretValueInput{SecretId: aws.String(name)})
		return err
	}
	create := func(in sdk.CreateSecretInput) func(context.Context, *sdk.Client) error {
		return func(ctx context.Context, c *sdk.Client) error {
			_, err := c.CreateSecret(ctx, &in)
			return err
		}
	}
	for _, test := range []struct {
		what   string
		before func(context.Context, *secretsmanager.Server, *sdk.Client) error
		call   func(context.Context, *sdk.Client) error
		want   func(error) bool
		status int
	}{
		{"no such secret", nil, read, as[*types.ResourceNotFoundException](), 400},
		{"a secret without a value", empty, read, as[*types.ResourceNotFoundException](), 400},
		{"made twice", empty, create(sdk.CreateSecretInput{Name: aws.String(name)}), as[*types.ResourceExistsException](), 400},
		{"a value that is none", empty, func(ctx context.Context, c *sdk.Client) error {
			_, err := c.PutSecretValue(ctx, &sdk.PutSecretValueInput{SecretId: aws.String(name)})
			return err
		}, as[*types.InvalidRequestException](), 400},
		{"access denied", failing(secretsmanager.ErrAccessDenied), read, code("AccessDeniedException"), 400},
		{"throttled", failing(secretsmanager.ErrThrottling), read, code("ThrottlingException"), 400},
		{"an error of no kind", failing(fmt.Errorf("anything")), read, as[*types.InternalServiceError](), 500},
		{"an action that is not here", nil, func(ctx context.Context, c *sdk.Client) error {
			_, err := c.ListSecrets(ctx, &sdk.ListSecretsInput{})
			return err
		}, code("UnknownOperationException"), 400},
	} {
		t.Run(test.what, func(t *testing.T) {
			server, client := setup(t)
			if test.before != nil {
				if err := test.before(t.Context(), server, client); err != nil {
					t.Fatal(err)
				}
			}
			err := test.call(t.Context(), client)
			if !test.want(err) {
				t.Fatalf("got %v", err)
			}
			var response *awshttp.ResponseError
			if !errors.As(err, &response) || response.HTTPStatusCode() != test.status {
				t.Errorf("got %v; want status %d", err, test.status)
			}
		})
	}
}

func empty(_ context.Context, s *secretsmanager.Server, _ *sdk.Client) error {
	_, err := s.Create(name)
	return err
}

func failing(with error) func(context.Context, *secretsmanager.Server, *sdk.Client) error {
	return func(_ context.Context, s *secretsmanager.Server, _ *sdk.Client) error {
		s.SetHook(secretsmanager.Fail(with))
		_, err := s.Set(name, "x")
		return err
	}
}
