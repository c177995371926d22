package secret

import (
	"context"
	"errors"
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

// FromSecretsManager gives a Fetch that reads the secret's current version, a string or binary, and parses its content.
// White space and a byte-order mark around it are dropped. A parse error's text is told to the operator, so it must not
// quote the content.
func FromSecretsManager[T any](api SecretsManager, id string, parse func(content string) (T, error)) Fetch[T] {
	return func(ctx context.Context) (T, error) {
		var none T
		output, err := api.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(id)})
		if err != nil {
			return none, unreadable(ctx, err)
		}
		content := string(output.SecretBinary)
		if output.SecretString != nil {
			content = *output.SecretString
		}
		value, err := parse(Trim(content))
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

func unreadable(ctx context.Context, err error) *UnavailableError {
	var api smithy.APIError
	switch {
	case errors.As(err, &api):
		return &UnavailableError{Reason: "Secrets Manager refused: " + api.ErrorCode() + ": " + api.ErrorMessage(), Cause: err}
	case ctx.Err() != nil:
		return &UnavailableError{Reason: "Secrets Manager gave no answer in time", Cause: err}
	}
	return &UnavailableError{Reason: "Secrets Manager could not be asked", Cause: err}
}
