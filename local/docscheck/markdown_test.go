package docscheck

import (
	"regexp"
	"strings"
	"testing"
	"unicode"
)

// block is a fenced block of a document.
type block struct {
	document string
	language string // as the fence says it; often empty
	text     string
}

func (b block) firstLine() string { return strings.SplitN(b.text, "\n", 2)[0] }

// split takes a document apart into its prose, in which fenced blocks are empty lines, and its fenced blocks.
func split(document, content string) (prose string, blocks []block) {
	var outside, inside []string
	language, open := "", false
	for line := range strings.Lines(content) {
		line = strings.TrimRight(line, "\n")
		fence, isFence := strings.CutPrefix(strings.TrimSpace(line), "```")
		switch {
		case isFence && open:
			blocks = append(blocks, block{document, language, strings.Join(inside, "\n")})
			inside, open = nil, false
		case isFence:
			language, open = fence, true
		case open:
			inside = append(inside, line)
		default:
			outside = append(outside, line)
		}
	}
	return strings.Join(outside, "\n"), blocks
}

func blocksOf(t *testing.T) (all []block) {
	t.Helper()
	for _, document := range documents(t) {
		_, blocks := split(document, read(t, document))
		all = append(all, blocks...)
	}
	return all
}

// anchors are the names that a document's headings can be linked by, as GitHub makes them.
func anchors(content string) map[string]bool {
	prose, _ := split("", content)
	names := map[string]bool{}
	for _, heading := range regexp.MustCompile(`(?m)^#+ (.+)$`).FindAllStringSubmatch(prose, -1) {
		names[slug(heading[1])] = true
	}
	return names
}

func slug(heading string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ':
			return '-'
		case r == '-', r == '_', unicode.IsLetter(r), unicode.IsDigit(r):
			return unicode.ToLower(r)
		}
		return -1
	}, heading)
}

func TestReadingMarkdown(t *testing.T) {
	prose, blocks := split("x.md", "# A b, `c`\ntext\n```sh\nmake run\n```\n  ```\n  two\n  ```\nend\n")
	if prose != "# A b, `c`\ntext\nend" || len(blocks) != 2 || blocks[0] != (block{"x.md", "sh", "make run"}) || blocks[1].language != "" {
		t.Errorf("%q, %+v", prose, blocks)
	}
	if names := anchors("# A b, `c_d`\n```\n# no heading\n```\n"); len(names) != 1 || !names["a-b-c_d"] {
		t.Errorf("anchors %v", names)
	}
}
