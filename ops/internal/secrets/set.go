package secrets

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"

	"helpcrunch-mark-read/shared/callertoken"
	"helpcrunch-mark-read/shared/secret"
)

// Token is one caller's token. Its value is shown once, when it was made, and never again.
type Token struct{ Name, Value string }

// Set is what the secret holds, in the order of the secret. Names are unique.
type Set []Token

var validName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$`)

// CheckName reports what is wrong with a name for a new token.
func CheckName(name string) error {
	if !validName.MatchString(name) {
		return errors.New("a token's name has only A-Z a-z 0-9 . _ -, begins with none of the last three, and has 64 characters at most")
	}
	return nil
}

// CheckValue reports what is wrong with a token that somebody brings. The error does not quote it.
func CheckValue(value string) error {
	if callertoken.Valid(value) {
		return nil
	}
	return fmt.Errorf("a token has at least %d characters, only A-Z a-z 0-9 - . _ ~ + /, and perhaps = at its end", callertoken.MinLength)
}

// Parse reads the secret's content by the rules of functions/http. Tokens of a secret with one a line are named token-1,
// token-2 and so on. The error quotes nothing: writing to a secret that can't be read would lose what it holds.
func Parse(content string) (Set, error) {
	members, err := secret.Members(content) // none where a token is a line, or where callertoken reports what is wrong
	if secret.Trim(content) == "" || err == nil && len(members) == 0 {
		return nil, nil
	}
	values, err := callertoken.Parse(content)
	if err != nil {
		return nil, fmt.Errorf("%w; fix it by hand, so that nothing in it is lost", err)
	}
	set := make(Set, len(values))
	for i, value := range values {
		set[i] = Token{fmt.Sprintf("token-%d", i+1), value}
		if members != nil {
			set[i].Name = members[i].Name
		}
	}
	return set, nil
}

// Content is the secret's content: a JSON object of tokens by name, a line each, as the AWS console shows them too.
func (s Set) Content() string {
	members := make([]secret.Member, len(s))
	for i, t := range s {
		members[i] = secret.Member{Name: t.Name, Value: quote(t.Value)}
	}
	var out bytes.Buffer
	_ = json.Indent(&out, []byte(object(members)), "", "  ") // of what is valid JSON it has no error
	return out.String()
}

func (s Set) index(name string) int {
	return slices.IndexFunc(s, func(t Token) bool { return t.Name == name })
}

// Names are the tokens' names, in the order of the secret.
func (s Set) Names() []string {
	names := make([]string, 0, len(s))
	for _, t := range s {
		names = append(names, t.Name)
	}
	return names
}

// Holds returns the name of the token with a value, or "".
func (s Set) Holds(value string) string {
	for _, t := range s {
		if t.Value == value {
			return t.Name
		}
	}
	return ""
}

var (
	// ErrThere reports that a name or a value is in the secret already.
	ErrThere = errors.New("is in the secret already")
	// ErrMissing reports that no token has the name.
	ErrMissing = errors.New("there is no token of this name; ops token list shows them")
	// ErrLast reports that nobody would be let in any more.
	ErrLast = errors.New("this is the last token: without it nobody is let in")
)

// With is the set with one more token. The error is ErrThere when its name or its value is in the set, unless both are: then
// it was added before, by a call whose answer was lost.
func (s Set) With(t Token) (Set, error) {
	if i := s.index(t.Name); i >= 0 {
		if s[i].Value == t.Value {
			return s, nil
		}
		return nil, fmt.Errorf("a token named %s %w", t.Name, ErrThere)
	}
	if name := s.Holds(t.Value); name != "" {
		return nil, fmt.Errorf("this token %w, as %s", ErrThere, name)
	}
	return append(slices.Clone(s), t), nil
}

// Without is the set without a token. The error is ErrMissing, or ErrLast unless last allows that none is left.
func (s Set) Without(name string, last bool) (Set, error) {
	i := s.index(name)
	switch {
	case i < 0:
		return nil, ErrMissing
	case len(s) == 1 && !last:
		return nil, ErrLast
	}
	return slices.Delete(slices.Clone(s), i, i+1), nil
}
