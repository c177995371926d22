package doctor

import (
	"net/url"
	"strings"

	"helpcrunch-mark-read/shared/secret"
)

// expectation is what a function's variable should say.
type expectation struct {
	variable, want string
	same           func(have, want string) bool
}

// different names the first variable that does not mean what it should. What the stack does not say is not compared.
func different(have map[string]string, expected []expectation) string {
	for _, e := range expected {
		if e.want != "" && !e.same(have[e.variable], e.want) {
			return e.variable
		}
	}
	return ""
}

// sameSecret compares names and ARNs of secrets by meaning.
func (d *Doctor) sameSecret(have, want string) bool { return secret.Same(have, want, d.Region) }

// sameURL compares URLs by meaning.
func sameURL(have, want string) bool { return normalized(have) == normalized(want) }

func normalized(s string) string {
	s = strings.TrimRight(s, "/")
	u, err := url.Parse(s)
	if err != nil {
		return s
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	switch {
	case u.Scheme == "https":
		u.Host = strings.TrimSuffix(u.Host, ":443")
	case u.Scheme == "http":
		u.Host = strings.TrimSuffix(u.Host, ":80")
	}
	return u.String()
}

func sameNumber(have, want string) bool { return number(have) == number(want) }
