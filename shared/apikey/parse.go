package apikey

import (
	"encoding/json"
	"errors"
	"strings"

	"helpcrunch-mark-read/shared/secret"
)

// Parse finds the API key in the content of a secret: the content itself, which may be a JSON string, or in a JSON object
// apiKey, or the only member if it is named like a key. White space and byte-order marks around it are dropped. Its errors
// never quote the content.
func Parse(content string) (string, error) {
	key := secret.Trim(content)
	var text string
	if strings.HasPrefix(key, `"`) && json.Unmarshal([]byte(key), &text) == nil {
		key = secret.Trim(text)
	}
	if strings.HasPrefix(key, "{") {
		var err error
		if key, err = fromObject(key); err != nil {
			return "", err
		}
	}
	switch {
	case key == "":
		return "", errors.New("the secret is empty")
	case isQuote(key[0]) && isQuote(key[len(key)-1]):
		return "", errors.New("the API key in the secret has quotes around it, which are no part of a key")
	case strings.ContainsFunc(key, func(c rune) bool { return c < '!' || c > '~' }):
		return "", errors.New("the API key in the secret holds something other than visible ASCII characters")
	}
	return key, nil
}

func isQuote(c byte) bool { return c == '"' || c == '\'' }

// fromObject finds the key in a JSON object. A single member of another name may be any system's password, which must not be
// sent to HelpCrunch.
func fromObject(content string) (string, error) {
	members, err := secret.Members(content)
	if err != nil {
		return "", errors.New("the secret " + err.Error())
	}
	var found []secret.Member
	for _, m := range members {
		if m.Name == "apiKey" {
			found = append(found, m)
		}
	}
	if len(members) == 1 && strings.Contains(strings.ToLower(members[0].Name), "key") {
		found = members
	}
	switch len(found) {
	case 0:
		return "", errors.New("the secret is a JSON object without apiKey, and without a single member named like a key")
	case 1:
	default:
		return "", errors.New("the secret is a JSON object in which apiKey stands more than once")
	}
	var text *string
	if json.Unmarshal(found[0].Value, &text) != nil || text == nil {
		return "", errors.New("the API key in the secret is no JSON string")
	}
	return secret.Trim(*text), nil
}
