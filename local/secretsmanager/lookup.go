package secretsmanager

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	validName = regexp.MustCompile(`^[A-Za-z0-9/_+=.@-]{1,512}$`)
	suffixed  = regexp.MustCompile(`-[A-Za-z0-9]{6}$`)
)

// arn makes an ARN with six characters after the name, as AWS does so that a secret that is made anew has another ARN.
func (s *Server) arn(name string) string {
	s.created++
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", name, s.created))
	return fmt.Sprintf("arn:aws:secretsmanager:%s:%s:secret:%s-%s", s.region, s.account, name, hex.EncodeToString(sum[:3]))
}

// lookup finds a secret by its name, its ARN, or its ARN without the six characters. An ARN that ends like a whole one is
// taken for one, which is AWS's trap: a secret whose name ends in a hyphen and six characters is not found by its partial ARN.
func (s *Server) lookup(id string) *secret {
	i := slices.IndexFunc(s.secrets, func(secret *secret) bool {
		if !strings.HasPrefix(id, "arn:") {
			return secret.name == id
		}
		return secret.arn == id || !suffixed.MatchString(id) && suffixed.ReplaceAllString(secret.arn, "") == id
	})
	if i < 0 {
		return nil
	}
	return s.secrets[i]
}

// find returns a secret that a request names, also one that is marked as deleted.
func (s *Server) find(in *request) (*secret, error) {
	if in.SecretID == "" {
		return nil, &Error{Type: "ValidationException", Message: "1 validation error detected: Value at 'secretId' failed to satisfy constraint: Member must not be null"}
	}
	if found := s.lookup(in.SecretID); found != nil {
		return found, nil
	}
	return nil, notFound("Secrets Manager can't find the specified secret.")
}

// findLive returns a secret that a request names and that can be used.
func (s *Server) findLive(in *request) (*secret, error) {
	found, err := s.find(in)
	if err == nil && !found.deletion.IsZero() {
		return nil, invalidRequest("You can't perform this operation on the secret because it was marked for deletion.")
	}
	return found, err
}
