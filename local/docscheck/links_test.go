package docscheck

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var linkPattern = regexp.MustCompile(`\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"`)

// TestLinks: every link inside of the repository leads to a file, and to a heading where it names one.
func TestLinks(t *testing.T) {
	links := 0
	for _, document := range documents(t) {
		prose, _ := split(document, read(t, document))
		for _, match := range linkPattern.FindAllStringSubmatch(prose, -1) {
			target := match[1] + match[2]
			if strings.Contains(target, "://") || strings.HasPrefix(target, "mailto:") {
				continue
			}
			links++
			if fault := follow(t, document, target); fault != "" {
				t.Errorf("%s links to %s: %s", document, target, fault)
			}
		}
	}
	if links < 20 {
		t.Errorf("only %d links were found", links)
	}
}

// follow returns what is wrong with a link; "" when it leads somewhere.
func follow(t *testing.T, document, target string) string {
	t.Helper()
	path, anchor, _ := strings.Cut(target, "#")
	path, err := url.PathUnescape(path)
	if err != nil || filepath.IsAbs(path) {
		return "a link inside of the repository must be relative"
	}
	file := document
	if path != "" {
		file = filepath.Join(filepath.Dir(document), path)
	}
	if _, err := os.Stat(filepath.Join(root, file)); err != nil {
		return "there is no such file"
	}
	if anchor != "" && !anchors(read(t, file))[anchor] {
		return "there is no such heading"
	}
	return ""
}

// TestNoHeadingStandsTwice: an alarm's link would lead to the first of two.
func TestNoHeadingStandsTwice(t *testing.T) {
	for _, document := range documents(t) {
		prose, _ := split("", read(t, document))
		seen := map[string]bool{}
		for line := range strings.Lines(prose) {
			heading, isHeading := strings.CutPrefix(strings.TrimLeft(line, "#"), " ")
			if !isHeading || !strings.HasPrefix(line, "#") || document == "CHANGELOG.md" { // each version there has the same headings
				continue
			}
			if name := slug(strings.TrimSpace(heading)); seen[name] {
				t.Errorf("%s: the heading %q stands twice", document, strings.TrimSpace(heading))
			} else {
				seen[name] = true
			}
		}
	}
}
