package secret_test

import (
	"context"
	"errors"
	"io"
	"net/http"
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
		{"string", secretsmanager.GetSecretValueOutput{SecretString: aws.String("key\n")}, "key\n"},
		{"binary", secretsmanager.GetSecretValueOutput{SecretBinary: []byte("\xef\xbb\xbfkey")}, "\ufeffkey"},
		{"nothing", secretsmanager.GetSecretValueOutput{}, ""},
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

func TestTrim(t *testing.T) {
	for _, tc := range []struct{ name, content, want string }{
		{"white space around", " \t\r\n\v\f key \n", "key"},
		{"byte-order mark", "\xef\xbb\xbfkey\r\n", "key"},
		{"a mix of both", "\n\ufeff \ufeff\tkey\u00a0\ufeff\n", "key"},
		{"white space of other scripts", "\u3000\u2003key\u2028\u0085", "key"},
		{"white space inside stays", " a b\nc ", "a b\nc"},
		{"only white space", "\ufeff \n", ""},
	} {
		if got := secret.Trim(tc.content); got != tc.want {
			t.Errorf("%s: %q, want %q", tc.name, got, tc.want)
		}
	}
}

// wire records the requests of a real client, and answers with a secret.
type wire struct{ requests []*http.Request }

func (w *wire) Do(r *http.Request) (*http.Response, error) {
	w.requests = append(w.requests, r)
	return &http.Response{StatusCode: 200, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}}, Body: io.NopCloser(strings.NewReader(`{"SecretString":"key"}`))}, nil
}

// TestAnARNIsAskedForInItsRegion reads the request off the wire: the host, and the region it is signed for.
func TestAnARNIsAskedForInItsRegion(t *testing.T) {
	for id, region := range map[string]string{
		"helpcrunch/key": "us-east-1",
		"arn:aws:secretsmanager:eu-west-1:123456789012:secret:helpcrunch/key-AbCdEf": "eu-west-1",
		"arn:aws:secretsmanager:us-east-1:123456789012:secret:helpcrunch/key-AbCdEf": "us-east-1",
		"arn:aws:ssm:eu-west-1:123456789012:parameter/x":                             "us-east-1", // Secrets Manager may refuse it
	} {
		w := &wire{}
		client := secretsmanager.New(secretsmanager.Options{Region: "us-east-1", HTTPClient: w, Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "x", SecretAccessKey: "x"}, nil
		})})
		if got, err := secret.FromSecretsManager(client, id, asIs)(t.Context()); got != "key" || err != nil || len(w.requests) != 1 {
			t.Fatalf("%s: %q, %v", id, got, err)
		}
		r := w.requests[0]
		if r.URL.Host != "secretsmanager."+region+".amazonaws.com" || !strings.Contains(r.Header.Get("Authorization"), "/"+region+"/secretsmanager/") {
			t.Errorf("%s: asked %s, signed %s", id, r.URL.Host, r.Header.Get("Authorization"))
		}
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
		refused  bool
	}{
		{"denied", t.Context(), denied, nil, "AccessDeniedException", false, true},
		{"missing", t.Context(), &types.ResourceNotFoundException{Message: aws.String("can't find it")}, nil, "ResourceNotFoundException", false, true},
		{"marked for deletion", t.Context(), &types.InvalidRequestException{Message: aws.String("marked for deletion")}, nil, "InvalidRequestException", false, true},
		{"not to be decrypted", t.Context(), &types.DecryptionFailure{}, nil, "DecryptionFailure", false, true},
		{"an error of theirs", t.Context(), &types.InternalServiceError{}, nil, "InternalServiceError", false, false},
		{"bad credentials", t.Context(), &smithy.GenericAPIError{Code: "ExpiredTokenException"}, nil, "ExpiredTokenException", false, false},
		{"throttled", t.Context(), &smithy.GenericAPIError{Code: "ThrottlingException"}, nil, "ThrottlingException", false, false},
		{"no answer in time", ended, context.Canceled, nil, "in time", false, false},
		{"not reached", t.Context(), errors.New("dial tcp: connection refused"), nil, "could not be called", false, false},
		{"not usable", t.Context(), nil, errors.New("the secret is empty"), "the secret is empty", true, false},
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
			if unavailable.Unusable != tc.unusable || unavailable.Refused != tc.refused || !strings.Contains(unavailable.Reason, tc.reason) || strings.Contains(err.Error(), "content") {
				t.Errorf("unusable %v, refused %v, reason %q", unavailable.Unusable, unavailable.Refused, unavailable.Reason)
			}
			if tc.err != nil && !errors.Is(err, tc.err) {
				t.Error("the SDK's error is lost")
			}
		})
	}
}
