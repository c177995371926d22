package apikey

import (
	"encoding/json"
	"errors"
	"strings"

	"helpcrunch-mark-read/shared/secret"
)

// Parse finds the API key in the content of a secret: the content itself, or the apiKey of a JSON object.
// Its errors never quote the content.
func Parse(content string) (string, error) {
	key := content
	if strings.HasPrefix(content, "{") {
		var fields map[string]json.RawMessage // a map, because a struct's names would match in any case
		if json.Unmarshal([]byte(content), &fields) != nil {
			return "", errors.New("the secret begins like a JSON object but is none")
		}
		raw, ok := fields["apiKey"]
		if !ok {
			return "", errors.New("the secret is a JSON object without apiKey")
		}
		var text *string
		if json.Unmarshal(raw, &text) != nil || text == nil {
			return "", errors.New("apiKey in the secret is no string")
		}
		key = secret.Trim(*text)
	}
	switch {
	case key == "":
		return "", errors.New("the secret is empty")
	case strings.ContainsFunc(key, func(c rune) bool { return c < '!' || c > '~' }):
		return "", errors.New("the API key in the secret holds something other than visible ASCII characters")
	}
	return key, nil
}
