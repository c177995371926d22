package secrets

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"helpcrunch-mark-read/shared/apikey"
	"helpcrunch-mark-read/shared/secret"
)

// errBroken: to write into what can't be read would lose what else is in it.
var errBroken = errors.New("the secret begins like a JSON object but is none, or has its apiKey twice: put it right by hand, so that nothing else in it is lost")

// PutKey writes the key into its secret as a new version, in the shape that the secret has: the whole content, string or
// binary, or the apiKey of a JSON object (its only member, if that is named like a key), whose other members stay. It returns whether anything had to be written.
func PutKey(ctx context.Context, api *secretsmanager.Client, secretID, key string) (changed bool, err error) {
	old, err := read(ctx, api, secretID)
	if err != nil {
		return false, err
	}
	if current, err := apikey.Parse(old.content); err == nil && current == key {
		return false, nil
	}
	next, err := replace(old.content, key)
	if err != nil {
		return false, err
	}
	input := &secretsmanager.PutSecretValueInput{SecretId: aws.String(secretID)}
	if old.binary {
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
	places := 0
	for i := range members {
		if members[i].Name == name {
			members[i].Value, places = quote(key), places+1
		}
	}
	if places > 1 {
		return "", errBroken
	}
	if places == 0 {
		members = append(members, secret.Member{Name: name, Value: quote(key)})
	}
	return object(members), nil
}

// object writes the members of a JSON object in their order.
func object(members []secret.Member) string {
	parts := make([]string, len(members))
	for i, m := range members {
		parts[i] = string(quote(m.Name)) + ":" + string(m.Value)
	}
	return "{" + strings.Join(parts, ",") + "}"
}

// quote writes a string as JSON.
func quote(s string) json.RawMessage {
	quoted, _ := json.Marshal(s) // a string can always be marshalled
	return quoted
}
