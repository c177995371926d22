package simulator

import (
	"crypto/sha256"
	"errors"
	"strings"
)

// keyring knows the accepted keys by their digest only, so that no dump of a simulator can show one.
type keyring map[[sha256.Size]byte]bool

// accepts reads an Authorization header.
func (k keyring) accepts(authorization string) bool {
	key, bearer := strings.CutPrefix(authorization, "Bearer ")
	return bearer && k[sha256.Sum256([]byte(key))]
}

// SetKeys makes these the only keys that are accepted: a rotation that revokes the old key at the same moment. With none
// it revokes every key. The error never shows a key.
func (s *Simulator) SetKeys(keys ...string) error { return s.accept(true, keys...) }

// AcceptKey accepts one more key. The error never shows it.
func (s *Simulator) AcceptKey(key string) error { return s.accept(false, key) }

func (s *Simulator) accept(only bool, keys ...string) error {
	if err := checkKeys(keys); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if only {
		clear(s.keys)
	}
	for _, key := range keys {
		s.keys[sha256.Sum256([]byte(key))] = true
	}
	s.changed()
	return nil
}

func checkKeys(keys []string) error {
	for _, key := range keys {
		if key == "" {
			return errors.New("a key must not be empty")
		}
		if strings.ContainsFunc(key, func(c rune) bool { return c <= ' ' || c > '~' }) {
			return errors.New("a key must be visible ASCII: anything else cannot stand in a header")
		}
	}
	return nil
}
