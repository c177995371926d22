package explain

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/smithy-go"
)

// ErrNoMFACode says that the profile wants the code of an MFA device and nobody can be asked for it.
var ErrNoMFACode = errors.New("the AWS profile needs the code of an MFA device, and the standard input is no terminal to ask at; " +
	"run the command in a terminal, or export temporary credentials (for example with aws configure export-credentials)")

// CredentialsError says that AWS was not called for want of credentials.
type CredentialsError struct{ Err error }

func (e *CredentialsError) Error() string { return "no AWS credentials: " + e.Err.Error() }

// Unwrap returns what the SDK reported.
func (e *CredentialsError) Unwrap() error { return e.Err }

// Credentials makes every failure of a provider a *CredentialsError: the SDK has many types for them, and none in common.
func Credentials(provider aws.CredentialsProvider) aws.CredentialsProvider {
	return aws.CredentialsProviderFunc(func(ctx context.Context) (aws.Credentials, error) {
		credentials, err := provider.Retrieve(ctx)
		if err != nil {
			return credentials, &CredentialsError{err}
		}
		return credentials, nil
	})
}

// signIn is the way out of most of it.
const signIn = "sign in (for example with aws sso login)"

// missing says why there are no credentials, and what to do.
func (e *CredentialsError) missing() string {
	var session *ssocreds.InvalidTokenError
	var process *processcreds.ProviderError
	var api smithy.APIError
	asked := innermost(e.Err)
	switch {
	case errors.Is(e.Err, ErrNoMFACode):
		return ErrNoMFACode.Error()
	case errors.As(e.Err, &session), asked == "SSO", asked == "SSO OIDC",
		strings.Contains(e.Err.Error(), "SSO token"): // which has no type of its own in an sso-session
		return "the SSO session of the AWS profile has expired, or there was none; " + signIn
	case errors.As(e.Err, &process):
		return fmt.Sprintf("the credential_process of the AWS profile failed (%v); run it by hand to see why, or %s", process.Err, signIn)
	case asked == "STS" && errors.As(e.Err, &api):
		return fmt.Sprintf("the role of the AWS profile can't be assumed (%s: %s); check role_arn, the MFA code and who may assume it, or %s", api.ErrorCode(), api.ErrorMessage(), signIn)
	case asked == "ec2imds": // the SDK's last resort, which a laptop does not have
		return "there are no AWS credentials; set AWS_PROFILE or --profile, or " + signIn
	}
	return fmt.Sprintf("there are no usable AWS credentials (%v); check AWS_PROFILE, --profile and the profile's settings, or %s", e.Err, signIn)
}

// innermost is the service that was asked for credentials; "" if none was.
func innermost(err error) (service string) {
	var operation *smithy.OperationError
	for errors.As(err, &operation) {
		service, err = operation.Service(), operation.Unwrap()
	}
	return service
}
