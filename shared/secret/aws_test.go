package secret_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/aws/smithy-go"

	"helpcrunch-mark-read/shared/secret"
)

// fakeAWS is Secrets Manager as a function.
type fakeAWS struct {
	getSecretValue func(id string) (*secretsmanager.GetSecretValueOutput, error)
}

func (f fakeAWS) GetSecretValue(_ context.Context, in *secretsmanager.GetSecretValueInput, _ ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error) {
	return f.getSecretValue(aws.ToString(in.SecretId))
}

func asIs(content string) (string, error) { return content, nil }

func TestContentOfASecret(t *testing.T) {
	for _, tc := range []struct {
		name   string
		output secretsmanager.GetSecretValueOutput
		want   string
	}{
		{"string", secretsmanager.GetSecretValueOutput{SecretString: aws.String("key")}, "key"},
		{"binary", secretsmanager.GetSecretValueOutput{SecretBinary: []byte("key")}, "key"},
		{"nothing", secretsmanager.GetSecretValueOutput{}, ""},
		{"white space around", secretsmanager.GetSecretValueOutput{SecretString: aws.String(" \t\r\n\v\f key \n")}, "key"},
		{"byte-order mark", secretsmanager.GetSecretValueOutput{SecretBinary: []byte("\xef\xbb\xbfkey\r\n")}, "key"},
		{"a mix of both", secretsmanager.GetSecretValueOutput{SecretString: aws.String("\n\ufeff \ufeff\tkey\u00a0\ufeff\n")}, "key"},
		{"white space of other scripts", secretsmanager.GetSecretValueOutput{SecretString: aws.String("\u3000\u2003key\u2028\u0085")}, "key"},
		{"white space inside stays", secretsmanager.GetSecretValueOutput{SecretString: aws.String(" a b\nc ")}, "a b\nc"},
		{"only white space", secretsmanager.GetSecretValueOutput{SecretString: aws.String("\ufeff \n")}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			api := fakeAWS{func(id string) (*secretsmanager.GetSecretValueOutput, error) {
				if id != "the/secret" {
					t.Errorf("asked for %q", id)
				}
				return &tc.output, nil
			}}
			got, err := secret.FromSecretsManager(api, "the/secret", asIs)(t.Context())
			if got != tc.want || err != nil {
				t.Errorf("content %q, %v; want %q", got, err, tc.want)
			}
		})
	}
}

func TestFailuresOfSecretsManager(t *testing.T) {
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	denied := &smithy.GenericAPIError{Code: "AccessDeniedException", Message: "User is not authorized"}
	for _, tc := range []struct {
		name     string
		ctx      context.Context
		err      error
		parse    error
		reason   string
		unusable bool
	}{
		{"denied", t.Context(), denied, nil, "AccessDeniedException", false},
		{"missing", t.Context(), &types.ResourceNotFoundException{Message: aws.String("can't find it")}, nil, "ResourceNotFoundException", false},
		{"throttled", t.Context(), &smithy.GenericAPIError{Code: "ThrottlingException"}, nil, "ThrottlingException", false},
		{"no answer in time", ended, context.Canceled, nil, "in time", false},
		{"not reached", t.Context(), errors.New("dial tcp: connection refused"), nil, "could not be asked", false},
		{"not usable", t.Context(), nil, errors.New("the secret is empty"), "the secret is empty", true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			api := fakeAWS{func(string) (*secretsmanager.GetSecretValueOutput, error) {
				return &secretsmanager.GetSecretValueOutput{SecretString: aws.String("content")}, tc.err
			}}
			parse := func(string) (string, error) { return "", tc.parse }
			value, err := secret.FromSecretsManager(api, "id", parse)(tc.ctx)
			var unavailable *secret.UnavailableError
			if value != "" || !errors.As(err, &unavailable) {
				t.Fatalf("%q, %v; want an *UnavailableError", value, err)
			}
			if unavailable.Unusable != tc.unusable || !strings.Contains(unavailable.Reason, tc.reason) || strings.Contains(err.Error(), "content") {
				t.Errorf("unusable %v, reason %q", unavailable.Unusable, unavailable.Reason)
			}
			if tc.err != nil && !errors.Is(err, tc.err) {
				t.Error("what the SDK said is lost")
			}
		})
	}
}
