package key

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"

	"helpcrunch-mark-read/shared/apikey"
	"helpcrunch-mark-read/shared/secret"
)

// SecretsManager is the part of Secrets Manager's API that is used; *secretsmanager.Client has it.
type SecretsManager interface {
	secret.SecretsManager
	PutSecretValue(context.Context, *secretsmanager.PutSecretValueInput, ...func(*secretsmanager.Options)) (*secretsmanager.PutSecretValueOutput, error)
}

// errBroken: to write into what can't be read would lose what else is in it.
var errBroken = errors.New("the secret begins like a JSON object but is none, or has its apiKey twice: put it right by hand, so that nothing else in it is lost")

// Put writes the key into the secret as a new version, in the shape that the secret has: the whole content, string or
// binary, or the apiKey of a JSON object (its only member, if that is named like a key), whose other members stay. It returns whether anything had to be written.
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
	if current, err := apikey.Parse(content); err == nil && current == key {
		return false, nil
	}
	next, err := replace(content, key)
	if err != nil {
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

// replace puts the key where apikey.Parse looks for it, and leaves everything else as it is.
func replace(content, key string) (string, error) {
	if !strings.HasPrefix(secret.Trim(content), "{") {
		return key, nil
	}
	members, err := secret.Members(content)
	if err != nil {
		return "", errBroken
	}
	name := "apiKey"
	if len(members) == 1 && strings.Contains(strings.ToLower(members[0].Name), "key") {
		name = members[0].Name
	}
	value, err := json.Marshal(key)
	if err != nil {
		return "", err
	}
	places := 0
	for i := range members {
		if members[i].Name == name {
			members[i].Value, places = value, places+1
		}
	}
	switch places {
	case 0:
		members = append(members, secret.Member{Name: name, Value: value})
	case 1:
	default:
		return "", errBroken
	}
	parts := make([]string, len(members))
	for i, m := range members {
		quoted, err := json.Marshal(m.Name)
		if err != nil {
			return "", err
		}
		parts[i] = string(quoted) + ":" + string(m.Value)
	}
	return "{" + strings.Join(parts, ",") + "}", nil
}
