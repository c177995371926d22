// Package tokens keeps the callers' tokens of Authorization TOKEN in their secret, by name, without losing one that somebody
// else writes at the same time.
package tokens

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strings"

	"helpcrunch-mark-read/shared/secret"
)

// Token is one caller's token. Its value is shown once, when it was made, and never again.
type Token struct{ Name, Value string }

// Set is what the secret holds, in the order of the secret. Names are unique.
type Set []Token

const (
	shortest = 16 // bytes of a token that functions/http accepts
	most     = 64 // characters of a name
)

var (
	b64token  = regexp.MustCompile(`^[A-Za-z0-9._~+/-]+=*$`) // RFC 6750
	validName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]*$`)
)

// CheckName reports what is wrong with a name for a new token.
func CheckName(name string) error {
	if len(name) > most || !validName.MatchString(name) {
		return fmt.Errorf("a token's name has letters, digits, points, hyphens and underscores, begins with a letter or digit, and has %d characters at most", most)
	}
	return nil
}

// CheckValue reports what is wrong with a token that somebody brings. The error does not quote it.
func CheckValue(value string) error {
	switch {
	case len(value) < shortest:
		return fmt.Errorf("a token has at least %d characters", shortest)
	case !b64token.MatchString(value):
		return errors.New("a token has only letters, digits and - . _ ~ + /, and perhaps = at its end")
	}
	return nil
}

// Parse reads the secret's content: a JSON object of tokens by name, or one token a line, which are then named token-1,
// token-2 and so on. A secret that functions/http would not use is an error that names the line or member by its position and
// quotes nothing: writing to it would lose what it holds.
func Parse(content string) (Set, error) {
	content = secret.Trim(content)
	if strings.HasPrefix(content, "{") {
		return parseObject(content)
	}
	var set Set
	number := 0
	for line := range strings.Lines(content) {
		number++
		value := secret.Trim(line)
		if value == "" {
			continue
		}
		if err := CheckValue(value); err != nil {
			return nil, broken("line", number, err)
		}
		set = append(set, Token{fmt.Sprintf("token-%d", len(set)+1), value})
	}
	return set, nil
}

func parseObject(content string) (Set, error) {
	var set Set
	decoder := json.NewDecoder(strings.NewReader(content))
	_, _ = decoder.Token() // the brace that Parse saw
	for number := 1; decoder.More(); number++ {
		name, err := decoder.Token()
		if err != nil {
			return nil, errNoJSON
		}
		var value any
		if decoder.Decode(&value) != nil {
			return nil, errNoJSON
		}
		text, isText := value.(string)
		if !isText {
			return nil, broken("member", number, errors.New("its value is no string"))
		}
		if err := CheckValue(text); err != nil {
			return nil, broken("member", number, err)
		}
		if set.index(name.(string)) >= 0 {
			return nil, broken("member", number, errors.New("its name is there already"))
		}
		set = append(set, Token{name.(string), text})
	}
	if _, err := decoder.Token(); err != nil {
		return nil, errNoJSON
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errNoJSON
	}
	return set, nil
}

var errNoJSON = errors.New("the secret with the callers' tokens begins like a JSON object but is none: fix it by hand, so that nothing in it is lost")

func broken(what string, number int, err error) error {
	return fmt.Errorf("the secret with the callers' tokens can't be used: %s %d: %w; fix it by hand, so that nothing in it is lost", what, number, err)
}

// Content is the secret's content: a JSON object of tokens by name, a line each, as the AWS console shows them too.
func (s Set) Content() (string, error) {
	var out bytes.Buffer
	out.WriteString("{")
	for i, t := range s {
		member, err := json.Marshal(t.Name)
		if err != nil {
			return "", err
		}
		separator := ",\n  "
		if i == 0 {
			separator = "\n  "
		}
		fmt.Fprintf(&out, "%s%s: %q", separator, member, t.Value) // a b64token has nothing to escape
	}
	if len(s) > 0 {
		out.WriteString("\n")
	}
	out.WriteString("}")
	return out.String(), nil
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
