package httpapi

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"strings"
	"time"

	"helpcrunch-mark-read/shared/callertoken"
	"helpcrunch-mark-read/shared/secret"
)

const (
	// tokensFor is how long tokens are cached at most, so that one that was taken out of the secret soon counts no longer.
	tokensFor = time.Minute
	// refreshEvery is how often an unknown token has the secret read again: it may have been added a moment ago.
	refreshEvery = 30 * time.Second
)

// Tokens are the caller tokens that the function itself checks, for HelpCrunch clients as they are.
// It is safe for concurrent use.
type Tokens struct {
	cache  *secret.Cache[[]digest]
	maxAge time.Duration
}

// digest stands for a token: digests have one length, so that comparing them does not reveal the token's.
type digest = [sha256.Size]byte

// NewTokens returns the Tokens of the secret that fetch reads, which are read again when they are older than ttl, or than a
// minute where that is less. Through an outage of Secrets Manager they count for an hour; a secret that is gone, that may
// not be read or that is unusable lets nobody in.
func NewTokens(fetch secret.Fetch[[]digest], ttl time.Duration) *Tokens {
	policy := secret.Policy{Revocable: true, OutageFor: time.Hour, UnusableFor: 5 * time.Second}
	return &Tokens{cache: secret.New(fetch, policy), maxAge: min(ttl, tokensFor)}
}

// ParseTokens reads a secret's content as package callertoken says.
func ParseTokens(content string) ([]digest, error) {
	tokens, err := callertoken.Parse(content)
	digests := make([]digest, len(tokens))
	for i, token := range tokens {
		digests[i] = sha256.Sum256([]byte(token))
	}
	return digests, err
}

// Allows reports whether the value of an Authorization header holds one of the tokens. Its error is a
// *secret.UnavailableError: without tokens nobody is let in.
func (t *Tokens) Allows(ctx context.Context, authorization string) (bool, error) {
	_, wasCached := t.cache.Cached()
	tokens, err := t.cache.Get(ctx, t.maxAge)
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
	if !wasCached {
		return false, nil // the tokens were read for this very request
	}
	t.cache.Refresh(ctx, secret.Now().Add(-refreshEvery))
	tokens, err = t.cache.Get(ctx, t.maxAge)
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

// bearer returns the token of an Authorization header; the scheme's name may be in any case (RFC 9110).
func bearer(authorization string) string {
	scheme, token, _ := strings.Cut(strings.TrimSpace(authorization), " ")
	if !strings.EqualFold(scheme, "Bearer") {
		return ""
	}
	return strings.TrimSpace(token)
}
