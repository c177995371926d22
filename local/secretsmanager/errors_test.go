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
	remove := func(in sdk.DeleteSecretInput) func(context.Context, *sdk.Client) error {
		return func(ctx context.Context, c *sdk.Client) error {
			in.SecretId = aws.String(name)
			_, err := c.DeleteSecret(ctx, &in)
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
		{"a secret marked as deleted", deleted, read, as[*types.InvalidRequestException](), 400},
		{"marked twice", deleted, remove(sdk.DeleteSecretInput{}), as[*types.InvalidRequestException](), 400},
		{"made again while marked", deleted, create(sdk.CreateSecretInput{Name: aws.String(name)}), as[*types.InvalidRequestException](), 400},
		{"made twice", empty, create(sdk.CreateSecretInput{Name: aws.String(name)}), as[*types.ResourceExistsException](), 400},
		{"a name that is none", nil, create(sdk.CreateSecretInput{Name: aws.String("a b")}), as[*types.InvalidParameterException](), 400},
		{"two values", nil, create(sdk.CreateSecretInput{Name: aws.String("x"), SecretString: aws.String("x"), SecretBinary: []byte("x")}), as[*types.InvalidParameterException](), 400},
		{"a recovery of three days", empty, remove(sdk.DeleteSecretInput{RecoveryWindowInDays: aws.Int64(3)}), as[*types.InvalidParameterException](), 400},
		{"recovery and none", empty, remove(sdk.DeleteSecretInput{RecoveryWindowInDays: aws.Int64(7), ForceDeleteWithoutRecovery: aws.Bool(true)}), as[*types.InvalidParameterException](), 400},
		{"a value that is none", empty, func(ctx context.Context, c *sdk.Client) error {
			_, err := c.PutSecretValue(ctx, &sdk.PutSecretValueInput{SecretId: aws.String(name)})
			return err
		}, as[*types.InvalidRequestException](), 400},
		{"access denied", failing(secretsmanager.ErrAccessDenied), read, code("AccessDeniedException"), 400},
		{"throttled", failing(secretsmanager.ErrThrottling), read, code("ThrottlingException"), 400},
		{"failing at AWS", failing(secretsmanager.ErrInternal), read, as[*types.InternalServiceError](), 500},
		{"key of KMS not usable", failing(secretsmanager.ErrDecryption), read, as[*types.DecryptionFailure](), 400},
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

func deleted(ctx context.Context, s *secretsmanager.Server, c *sdk.Client) error {
	if _, err := s.Set(name, "x"); err != nil {
		return err
	}
	_, err := c.DeleteSecret(ctx, &sdk.DeleteSecretInput{SecretId: aws.String(name)})
	return err
}

func failing(with error) func(context.Context, *secretsmanager.Server, *sdk.Client) error {
	return func(_ context.Context, s *secretsmanager.Server, _ *sdk.Client) error {
		s.SetHook(secretsmanager.Fail(with))
		_, err := s.Set(name, "x")
		return err
	}
}

func TestASecretMarkedAsDeletedTakesNoValue(t *testing.T) {
	server, client := setup(t)
	if err := deleted(t.Context(), server, client); err != nil {
		t.Fatal(err)
	}
	if _, err := server.Set(name, "y"); err == nil {
		t.Error("it took a value")
	}
	described, err := client.DescribeSecret(t.Context(), &sdk.DescribeSecretInput{SecretId: aws.String(name)})
	if err != nil || described.DeletedDate == nil {
		t.Fatalf("described as %+v, %v", described, err)
	}
}
