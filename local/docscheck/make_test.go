package docscheck

import (
	"regexp"
	"strings"
	"testing"
)

var (
	targetPattern = regexp.MustCompile(`(?m)^([A-Za-z][A-Za-z-]*):`)
	makePattern   = regexp.MustCompile(`\bmake ([a-z][a-z-]*)`)
	codePattern   = regexp.MustCompile("`[^`]+`")
)

// TestMakeTargets: every target that a document names in code exists.
func TestMakeTargets(t *testing.T) {
	targets := map[string]bool{}
	for _, match := range targetPattern.FindAllStringSubmatch(read(t, "Makefile"), -1) {
		targets[match[1]] = true
	}
	named := 0
	for _, document := range documents(t) {
		prose, blocks := split(document, read(t, document))
		code := codePattern.FindAllString(prose, -1)
		for _, b := range blocks {
			code = append(code, b.text)
		}
		for _, match := range makePattern.FindAllStringSubmatch(strings.Join(code, "\n"), -1) {
			named++
			if !targets[match[1]] {
				t.Errorf("%s names make %s, which the Makefile does not have", document, match[1])
			}
		}
	}
	if named < 10 {
		t.Errorf("only %d targets were found in the documents", named)
	}
}
