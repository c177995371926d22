package key

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"helpcrunch-mark-read/shared/secret"
)

// SecretsManager is the part of Secrets Manager's API that is used; *secretsmanager.Client has it.
type SecretsManager interface {
	secret.SecretsManager
	PutSecretValue(context.Context, *secretsmanager.PutSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error)
}

// errBroken: to write into what can't be read would lose what else is in it.
var errBroken = errors.New("the secret begins like a JSON object but is none: put it right by hand, so that nothing else in it is lost")

// Put writes the key into the secret as a new version, in the shape that the secret has: the whole content, string or
// binary, or the apiKey of a JSON object, whose other names stay. It returns whether anything had to be written.
func Put(ctx context.Context, api SecretsManager, secretID, key string) (changed bool, err error) {
	old, err := api.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(secretID)})
	var missing *types.ResourceNotFoundException
	if errors.As(err, &missing) {
		// Also what a secret without any value says; if there is no secret at all, the write says so.
		old, err = &secretsmanager.GetSecretValueOutput{SecretString: aws.String("")}, nil
	}
	if err != nil {
		return false, err
	}
	binary := old.SecretString == nil
	content := aws.ToString(old.SecretString)
	if binary {
		content = string(old.SecretBinary)
	}
	next, err := replace(content, key)
	if err != nil || next == content {
		return false, err
	}
	input := &secretsmanager.PutSecretValueInput{SecretId: aws.String(secretID)}
	if binary {
		input.SecretBinary = []byte(next)
	} else {
		input.SecretString = aws.String(next)
	}
	_, err = api.PutSecretValue(ctx, input)
	return err == nil, err
}

func replace(content, key string) (string, error) {
	if !strings.HasPrefix(secret.Trim(content), "{") {
		return key, nil
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal([]byte(secret.Trim(content)), &fields) != nil {
		return "", errBroken
	}
	value, err := json.Marshal(key)
	if err != nil {
		return "", err
	}
	fields["apiKey"] = value
	next, err := json.Marshal(fields)
	return string(next), err
}
