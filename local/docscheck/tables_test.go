package docscheck

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"helpcrunch-mark-read/shared/outcome"
)

// outcomeTable is the outcome table as a document must show it.
func outcomeTable() string {
	lines := []string{"| outcome | when | HTTP answer | queue action |", "| --- | --- | --- | --- |"}
	for _, row := range outcome.Table() {
		answer := fmt.Sprint(row.HTTPStatus)
		if row.HTTPStatus == 0 {
			answer = "HelpCrunch's status and body, byte for byte"
		}
		if row.MinRetryAfter > 0 {
			answer += " with Retry-After"
		}
		lines = append(lines, fmt.Sprintf("| `%s` | %s | %s | %s |", row.Outcome, row.When, answer, row.Queue))
	}
	return strings.Join(lines, "\n")
}

// TestOutcomeTables: wherever a document shows the outcome table, between its markers, it is the code's.
func TestOutcomeTables(t *testing.T) {
	for _, document := range documents(t) {
		shown, ok := between(read(t, document), "outcomes")
		if !ok {
			if document == "README.md" {
				t.Error("the README does not show the outcome table")
			}
			continue
		}
		if shown != outcomeTable() {
			t.Errorf("%s shows another outcome table than the code's, which is:\n%s", document, outcomeTable())
		}
	}
}

// cells are the rows of a Markdown table, without its head, cell by cell.
func cells(table string) (rows [][]string) {
	lines := strings.Split(table, "\n")
	for _, line := range lines[min(2, len(lines)):] {
		row := strings.Split(strings.Trim(line, "| "), "|")
		for i := range row {
			row[i] = strings.TrimSpace(row[i])
		}
		rows = append(rows, row)
	}
	return rows
}

// TestExitCodes: the codes that the runbook explains are those that the operator's command has.
func TestExitCodes(t *testing.T) {
	has := map[string]bool{}
	for _, match := range regexp.MustCompile(`(?m)^\texit[A-Z][A-Za-z]+ += (\d+)$`).FindAllStringSubmatch(read(t, "ops/exit.go"), -1) {
		has[match[1]] = true
	}
	_, section, _ := strings.Cut(read(t, "docs/operations.md"), "## Exit codes of ops")
	section, _, _ = strings.Cut(section, "(") // what `go run` makes of them
	told := map[string]bool{}
	for _, match := range regexp.MustCompile(`(?:^|; |\n)(\d+) `).FindAllStringSubmatch(section, -1) {
		told[match[1]] = true
	}
	if len(has) < 5 || !maps.Equal(has, told) {
		t.Errorf("the runbook explains %v, the command has %v", slices.Sorted(maps.Keys(told)), slices.Sorted(maps.Keys(has)))
	}
}

// TestOutputsAreTheTemplates: a document that speaks of the stack's output or parameter names one that there is.
func TestOutputsAreTheTemplates(t *testing.T) {
	template := parseYAML(t, "template.yaml")
	for kind, section := range map[string]string{"output": "Outputs", "parameter": "Parameters"} {
		there := template[section].(map[string]any)
		named := 0
		for _, document := range append(documents(t), "docs/openapi.yaml", "examples/eventbridge-rule.yaml", "examples/eventbridge-custom-bus.yaml", "examples/sns-topic.yaml") {
			content := regexp.MustCompile(`[\s#>]+`).ReplaceAllString(read(t, document), " ")
			for _, match := range regexp.MustCompile("\\b"+kind+"s? `?([A-Z][A-Za-z]+)`?(?: and `([A-Z][A-Za-z]+)`)?").FindAllStringSubmatch(content, -1) {
				for _, name := range match[1:] {
					if name == "" {
						continue
					}
					named++
					if there[name] == nil {
						t.Errorf("%s names the stack's %s %s, which the template does not have", document, kind, name)
					}
				}
			}
		}
		if named < 3 {
			t.Errorf("only %d names of the template's %s were found", named, section)
		}
	}
}
