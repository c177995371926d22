package simulator

import (
	"crypto/sha256"
	"errors"
	"strings"
)

// keyring knows keys by their digest only, so that no dump of a simulator can show one. Each key has a number, in the
// order in which it was first accepted, by which the journal distinguishes keys.
type keyring struct {
	accepted map[[sha256.Size]byte]bool
	numbers  map[[sha256.Size]byte]int
}

func (k *keyring) accept(key string) {
	if k.accepted == nil {
		k.accepted = make(map[[sha256.Size]byte]bool)
		k.numbers = make(map[[sha256.Size]byte]int)
	}
	digest := sha256.Sum256([]byte(key))
	k.accepted[digest] = true
	if k.numbers[digest] == 0 {
		k.numbers[digest] = len(k.numbers) + 1
	}
}

// check reads an Authorization header.
func (k *keyring) check(authorization string) (number int, accepted bool) {
	key, bearer := strings.CutPrefix(authorization, "Bearer ")
	if !bearer {
		return 0, false
	}
	digest := sha256.Sum256([]byte(key))
	return k.numbers[digest], k.accepted[digest]
}

// SetKeys makes these the only keys that are accepted: a rotation that revokes the old key at the same moment. With none
// it revokes every key. The error never shows a key.
func (s *Simulator) SetKeys(keys ...string) error {
	if err := checkKeys(keys); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	clear(s.keys.accepted)
	for _, key := range keys {
		s.keys.accept(key)
	}
	s.changed()
	return nil
}

// AcceptKey accepts one more key. The error never shows it.
func (s *Simulator) AcceptKey(key string) error {
	if err := checkKeys([]string{key}); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keys.accept(key)
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
