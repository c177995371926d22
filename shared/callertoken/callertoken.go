// Package callertoken says what a caller token is, and reads the secret that holds them. functions/http and ops read it by
// the same rules.
package callertoken

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"helpcrunch-mark-read/shared/secret"
)

// MinLength is how many characters a token has at least.
const MinLength = 16

const what = "16 or more of A-Z a-z 0-9 - . _ ~ + /, and perhaps = at the end"

var errNone = errors.New("the secret with the caller tokens holds none")

// Valid reports whether s is a caller token: an RFC 6750 b64token of at least MinLength characters.
func Valid(s string) bool {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/"
	unpadded := strings.TrimRight(s, "=")
	return len(s) >= MinLength && unpadded != "" && strings.Trim(unpadded, alphabet) == ""
}

// Parse reads a token secret: one token a line, or, where the content begins with a brace, a JSON object whose values are
// the tokens. There is at least one where there is no error. Anything else in it is an error, which says where it stands and
// quotes nothing: a half-read secret would let in whatever its lines happen to be.
func Parse(content string) ([]string, error) {
	if strings.HasPrefix(secret.Trim(content), "{") {
		return parseObject(content)
	}
	var tokens []string
	number := 0
	for line := range strings.SplitSeq(content, "\n") {
		number++
		switch token := secret.Trim(line); {
		case token == "":
		case Valid(token):
			tokens = append(tokens, token)
		default:
			return nil, fmt.Errorf("line %d of the secret with the caller tokens is no token, which is %s", number, what)
		}
	}
	if len(tokens) == 0 {
		return nil, errNone
	}
	return tokens, nil
}

func parseObject(content string) ([]string, error) {
	members, err := secret.Members(content)
	if err != nil {
		return nil, fmt.Errorf("the secret with the caller tokens %w", err)
	}
	var tokens []string
	names := map[string]bool{}
	for i, member := range members {
		var token string
		if json.Unmarshal(member.Value, &token) != nil || !Valid(token) {
			return nil, fmt.Errorf("the value of member %d of the secret with the caller tokens is no token, which is a string of %s", i+1, what)
		}
		if names[member.Name] {
			return nil, fmt.Errorf("member %d of the secret with the caller tokens has the name of an earlier one", i+1)
		}
		names[member.Name] = true
		tokens = append(tokens, token)
	}
	if len(tokens) == 0 {
		return nil, errNone
	}
	return tokens, nil
}
