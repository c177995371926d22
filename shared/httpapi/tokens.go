package httpapi

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"strings"
	"time"

	"helpcrunch-mark-read/shared/secret"
)

// rereadEvery is how often an unknown token has the secret read again: a token may have been added a moment ago.
const rereadEvery = 30 * time.Second

// Tokens are the caller tokens that the function itself checks, for HelpCrunch clients as they are.
// It is safe for concurrent use.
type Tokens struct {
	cache *secret.Cache[[]digest]
	ttl   time.Duration
}

// digest stands for a token: digests have one length, so that comparing them tells nothing of the token's.
type digest = [sha256.Size]byte

// NewTokens makes the keeper of the tokens that fetch reads, which are read again when they are older than ttl.
func NewTokens(fetch secret.Fetch[[]digest], ttl time.Duration) *Tokens {
	return &Tokens{cache: secret.New(fetch), ttl: ttl}
}

// ParseTokens reads a secret's content: one token a line, so that they can be rotated.
func ParseTokens(content string) ([]digest, error) {
	var tokens []digest
	for line := range strings.Lines(content) {
		if token := secret.Trim(line); token != "" {
			tokens = append(tokens, sha256.Sum256([]byte(token)))
		}
	}
	if len(tokens) == 0 {
		return nil, errors.New("the secret with the caller tokens holds none")
	}
	return tokens, nil
}

// Allows says whether the value of an Authorization header holds one of the tokens. Its error is a
// *secret.UnavailableError: without tokens nobody is let in.
func (t *Tokens) Allows(ctx context.Context, authorization string) (bool, error) {
	_, wasHeld := t.cache.Held()
	tokens, err := t.cache.Get(ctx, t.ttl)
	if err != nil {
		return false, err
	}
	token := bearer(authorization)
	if token == "" {
		return false, nil
	}
	sent := sha256.Sum256([]byte(token))
	if contains(tokens, sent) {
		return true, nil
	}
	if !wasHeld {
		return false, nil // the tokens were read for this very request
	}
	t.cache.AskAgain(ctx, time.Now().Add(-rereadEvery))
	tokens, err = t.cache.Get(ctx, t.ttl)
	return err == nil && contains(tokens, sent), err
}

// contains compares with every token, the matching one found or not, each in constant time.
func contains(tokens []digest, sent digest) bool {
	found := 0
	for _, token := range tokens {
		found |= subtle.ConstantTimeCompare(token[:], sent[:])
	}
	return found == 1
}

// bearer gives the token of an Authorization header; the scheme's name may be in any case (RFC 9110).
func bearer(authorization string) string {
	scheme, token, _ := strings.Cut(strings.TrimSpace(authorization), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
