package docscheck

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestOpsCommands: every call of the operator's command that a document shows has a command and flags that there are.
func TestOpsCommands(t *testing.T) {
	t.Parallel()
	ops := filepath.Join(t.TempDir(), "ops")
	succeeds(t, clean(), "", "go", "build", "-o", ops, "./ops")
	found := 0
	for _, document := range documents(t) {
		for _, match := range regexp.MustCompile("go run \\./ops ([^`\n#]+)").FindAllStringSubmatch(read(t, document), -1) {
			found++
			name, flags := words(match[1])
			help := succeeds(t, clean(), "", ops, append(name, "--help")...)
			for _, flag := range flags {
				if !regexp.MustCompile(regexp.QuoteMeta(flag) + `\b`).MatchString(help) {
					t.Errorf("%s: ops %s has no flag %s", document, strings.Join(name, " "), flag)
				}
			}
		}
	}
	if found < 3 {
		t.Errorf("only %d calls were found", found)
	}
}

// words gives a call's command, which is what stands before the first flag, and its flags.
func words(call string) (name, flags []string) {
	for _, word := range strings.Fields(call) {
		flag, _, _ := strings.Cut(word, "=")
		switch {
		case strings.HasPrefix(word, "-"):
			flags = append(flags, flag)
		case len(flags) == 0:
			name = append(name, word)
		}
	}
	return name, flags
}
