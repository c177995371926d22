// Package explain turns what the AWS SDK reports into one sentence for an operator.
package explain

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials/processcreds"
	"github.com/aws/aws-sdk-go-v2/credentials/ssocreds"
	"github.com/aws/smithy-go"

	"helpcrunch-mark-read/ops/internal/terminal"
)

// row is what errors with one of the codes mean.
type row struct{ codes, says, do string }

// table has the codes of the services used here, the JSON and the older query spelling of each.
var table = []row{
	{"AccessDenied AccessDeniedException AWS.SimpleQueueService.AccessDenied UnauthorizedOperation NotAuthorized " +
		"AuthorizationError AuthorizationErrorException",
		"these credentials may not do that", "attach the managed policy that the stack's output OperatorPolicyArn names"},
	{"ExpiredToken ExpiredTokenException RequestExpired",
		"the AWS credentials have expired", "sign in again (for example with aws sso login)"},
	{"InvalidClientTokenId UnrecognizedClientException InvalidAccessKeyId InvalidSecurity",
		"AWS does not know these credentials", "check AWS_PROFILE, --profile and AWS_ACCESS_KEY_ID"},
	{"SignatureDoesNotMatch IncompleteSignature InvalidSignatureException RequestTimeTooSkewed MissingAuthenticationToken " +
		"MissingAuthenticationTokenException",
		"AWS does not accept the signature of the credentials", "check the secret access key, and this computer's clock"},
	{"QueueDoesNotExist AWS.SimpleQueueService.NonExistentQueue",
		"there is no such queue", "check --stack, --queue-url, --dead-letter-queue-url and --region"},
	{"InvalidAddress InvalidQueueUrl",
		"the queue's URL is none of SQS's", "check --queue-url and --dead-letter-queue-url"},
	{"KMS.AccessDeniedException KmsAccessDenied KMSAccessDeniedException DecryptionFailure EncryptionFailure KmsDisabled " +
		"KmsInvalidState KmsNotFound",
		"the KMS key that encrypts it can't be used", "check the key's state and its policy"},
	{"OverLimit",
		"too many messages of the queue are out at once", "wait until they are back, two minutes at most, and try again"},
	{"Throttling ThrottlingException RequestThrottled TooManyRequestsException RequestLimitExceeded",
		"AWS is being asked too often", "wait a minute and try again"},
	{"ResourceNotFoundException ResourceNotFound NotFound NotFoundException",
		"there is no such thing in this account and region", "check --stack, --secret-id and --region"},
	{"InternalError InternalFailure InternalServiceError InternalServerError ServiceUnavailable ServiceUnavailableException " +
		"ServiceException",
		"AWS itself failed", "try again"},
}

// Sentence says in one line what went wrong, at what, and what to do. What it does not know it passes on, fit to be shown.
func Sentence(err error) string { return terminal.Printable(sentence(err)) }

func sentence(err error) string {
	if lacking, ok := errors.AsType[*CredentialsError](err); ok {
		return fmt.Sprintf("%s: %s", operation(err), lacking.missing())
	}
	api, known := errors.AsType[smithy.APIError](err)
	if known {
		for _, r := range table {
			if slices.Contains(strings.Fields(r.codes), api.ErrorCode()) {
				return fmt.Sprintf("%s: %s%s; %s", operation(err), r.says, permission(err, r), r.do)
			}
		}
	}
	if says := withoutAnswer(err); says != "" && (!known || api.ErrorCode() == "UnknownError") {
		return fmt.Sprintf("%s: %s", operation(err), says)
	}
	if known {
		return fmt.Sprintf("%s: %s (%s)", operation(err), api.ErrorMessage(), api.ErrorCode())
	}
	return err.Error()
}

// withoutAnswer is for what never came to be an answer of AWS.
func withoutAnswer(err error) string {
	dns, _ := errors.AsType[*net.DNSError](err)
	switch {
	case dns != nil:
		return fmt.Sprintf("the host %s can't be found; check --region and AWS_ENDPOINT_URL", dns.Name)
	case errors.Is(err, context.DeadlineExceeded):
		return "there was no answer in time; check the network and AWS_ENDPOINT_URL"
	case is[*smithy.DeserializationError](err), is[smithy.APIError](err):
		return "what answered is not AWS; check AWS_ENDPOINT_URL"
	case is[*smithy.OperationError](err) && (is[net.Error](err) || is[*url.Error](err)):
		return "AWS can't be reached; check the network and AWS_ENDPOINT_URL"
	}
	return ""
}

func is[E error](err error) bool {
	_, ok := errors.AsType[E](err)
	return ok
}

// permission is the IAM action that the first row's errors ask for: the call's name, batches apart, behind the service's prefix.
func permission(err error, r row) string {
	operation, ok := errors.AsType[*smithy.OperationError](err)
	if r.says != table[0].says || !ok {
		return ""
	}
	service := strings.ToLower(strings.ReplaceAll(operation.Service(), " ", ""))
	if service == "apigatewayv2" { // whose actions are HTTP's methods; nothing is written to it here
		return " (apigateway:GET)"
	}
	return " (" + service + ":" + strings.TrimSuffix(operation.Operation(), "Batch") + ")"
}

// operation names the service and what it was asked to do.
func operation(err error) string {
	if operation, ok := errors.AsType[*smithy.OperationError](err); ok {
		return operation.Service() + " " + operation.Operation()
	}
	return "AWS" // one entry of a batch
}

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

const signIn = "sign in (for example with aws sso login)" // the way out of most of it

// missing says why there are no credentials, and what to do.
func (e *CredentialsError) missing() string {
	process, _ := errors.AsType[*processcreds.ProviderError](e.Err)
	api, _ := errors.AsType[smithy.APIError](e.Err)
	asked := innermost(e.Err)
	switch {
	case errors.Is(e.Err, ErrNoMFACode):
		return ErrNoMFACode.Error()
	case is[*ssocreds.InvalidTokenError](e.Err), asked == "SSO", asked == "SSO OIDC",
		strings.Contains(e.Err.Error(), "SSO token"): // which has no type of its own in an sso-session
		return "the SSO session of the AWS profile has expired, or there was none; " + signIn
	case process != nil:
		return fmt.Sprintf("the credential_process of the AWS profile failed (%v); run it by hand to see why, or %s", process.Err, signIn)
	case asked == "STS" && api != nil:
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
