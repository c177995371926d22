package httpapi

import "strings"

// prefersAsync reports whether a Prefer header (RFC 7240) asks for respond-async. Preferences are separated by commas and may
// have a value and parameters; a quoted string may hold anything.
func prefersAsync(header string) bool {
	for preference := range splitUnquoted(header, ',') {
		for token := range splitUnquoted(preference, ';') {
			name, _, _ := strings.Cut(token, "=")
			if strings.EqualFold(strings.TrimSpace(name), "respond-async") {
				return true
			}
			break // what follows are parameters of the preference
		}
	}
	return false
}

// splitUnquoted returns the parts of s between separators that stand outside of quoted strings.
func splitUnquoted(s string, separator byte) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		start, quoted := 0, false
		for i := 0; i < len(s); i++ {
			switch {
			case quoted && s[i] == '\\':
				i++
			case s[i] == '"':
				quoted = !quoted
			case s[i] == separator && !quoted:
				if !yield(s[start:i]) {
					return
				}
				start = i + 1
			}
		}
		yield(s[start:])
	}
}
