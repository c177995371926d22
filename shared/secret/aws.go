package secret

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/smithy-go"
)

// SecretsManager is the part of Secrets Manager's API that is used; *secretsmanager.Client has it.
type SecretsManager interface {
	GetSecretValue(context.Context, *secretsmanager.GetSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.GetSecretValueOutput, error)
}

// FromSecretsManager returns a Fetch that reads the secret's current version, a string or binary, and parses its content.
// The id is a name or an ARN, which is asked for in its own region. A parse error's text is logged, so it must not quote the
// content.
func FromSecretsManager[T any](api SecretsManager, id string, parse func(content string) (T, error)) Fetch[T] {
	inItsRegion := func(o *secretsmanager.Options) {
		if named, ok := parseARN(id); ok {
			o.Region = named.region
		}
	}
	return func(ctx context.Context) (T, error) {
		var none T
		output, err := api.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(id)}, inItsRegion)
		if err != nil {
			return none, unreadable(ctx, err)
		}
		content := string(output.SecretBinary)
		if output.SecretString != nil {
			content = *output.SecretString
		}
		value, err := parse(content)
		if err != nil {
			return none, &UnavailableError{Reason: err.Error(), Unusable: true}
		}
		return value, nil
	}
}

// Trim drops white space and byte-order marks from both ends, in any order.
func Trim(s string) string {
	return strings.TrimFunc(s, func(c rune) bool { return c == '\ufeff' || unicode.IsSpace(c) })
}

// refusals are the codes with which Secrets Manager says that there is no reading this secret: it is gone or marked for
// deletion, or it may not be read or decrypted. Any other error is an outage.
var refusals = []string{"ResourceNotFoundException", "InvalidRequestException", "AccessDeniedException", "DecryptionFailure"}

func unreadable(ctx context.Context, err error) *UnavailableError {
	api, ok := errors.AsType[smithy.APIError](err)
	switch {
	case ok:
		return &UnavailableError{
			Reason:  "Secrets Manager refused: " + api.ErrorCode() + ": " + api.ErrorMessage(),
			Refused: slices.Contains(refusals, api.ErrorCode()), Cause: err,
		}
	case ctx.Err() != nil:
		return &UnavailableError{Reason: "Secrets Manager did not answer in time", Cause: err}
	}
	return &UnavailableError{Reason: "Secrets Manager could not be called", Cause: err}
}
