// Command docs writes the tables in the documents that follow from the code and the templates, each between its markers:
// go generate ./docs
package main

//go:generate go run .

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"helpcrunch-mark-read/shared/boot"
	"helpcrunch-mark-read/shared/outcome"
)

// table is one generated table: it stands in the document between <!-- name --> and <!-- /name -->.
type table struct {
	document, name string
	lines          func(root string) ([]string, error)
}

var tables = []table{
	{"README.md", "outcomes", outcomes},
	{"README.md", "configuration", configuration},
	{"docs/parameters.md", "parameters", parameters},
	{"docs/operations.md", "alarms", alarms},
	{"docs/operations.md", "exit-codes", exitCodes},
}

func main() {
	documents, err := generate("..")
	for path, text := range documents {
		if err == nil {
			err = os.WriteFile(filepath.Join("..", path), []byte(text), 0o644)
		}
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// generate returns each document that has a table, by its path below root, with its tables as they must be.
func generate(root string) (map[string]string, error) {
	documents := map[string]string{}
	for _, t := range tables {
		text, ok := documents[t.document]
		if !ok {
			content, err := os.ReadFile(filepath.Join(root, t.document))
			if err != nil {
				return nil, err
			}
			text = string(content)
		}
		lines, err := t.lines(root)
		if err != nil {
			return nil, fmt.Errorf("the table %s: %w", t.name, err)
		}
		before, rest, opened := strings.Cut(text, "<!-- "+t.name+" -->\n")
		_, after, closed := strings.Cut(rest, "<!-- /"+t.name+" -->")
		if !opened || !closed {
			return nil, fmt.Errorf("%s has no markers <!-- %s --> and <!-- /%s -->", t.document, t.name, t.name)
		}
		documents[t.document] = before + "<!-- " + t.name + " -->\n" + strings.Join(lines, "\n") + "\n<!-- /" + t.name + " -->" + after
	}
	return documents, nil
}

func row(cells ...string) string { return "| " + strings.Join(cells, " | ") + " |" }

func head(cells ...string) []string {
	return []string{row(cells...), row(slices.Repeat([]string{"---"}, len(cells))...)}
}

func code(text string) string { return "`" + text + "`" }

func outcomes(string) ([]string, error) {
	lines := head("outcome", "when", "HTTP answer", "queue action")
	for _, r := range outcome.Table() {
		answer := fmt.Sprint(r.HTTPStatus)
		if r.HTTPStatus == 0 {
			answer = "HelpCrunch's status and body, byte for byte"
		}
		if r.MinRetryAfter > 0 {
			answer += " with Retry-After"
		}
		lines = append(lines, row(code(string(r.Outcome)), r.When, answer, fmt.Sprint(r.Queue)))
	}
	return lines, nil
}

func configuration(string) ([]string, error) {
	lines := head("variable", "for", "default")
	for _, v := range boot.Variables() {
		value := "none"
		if v.Required {
			value = "required"
		} else if v.Default != "" {
			value = code(v.Default)
		}
		if v.Note != "" {
			value += ": " + v.Note
		}
		lines = append(lines, row(code(v.Name), v.For, value))
	}
	return lines, nil
}

// exitCodes are those of the help of ops.
func exitCodes(root string) ([]string, error) {
	source, err := os.ReadFile(filepath.Join(root, "ops/cli.go"))
	if err != nil {
		return nil, err
	}
	_, text, _ := strings.Cut(string(source), "Exit codes: ")
	text, _, found := strings.Cut(text, ".`")
	if !found {
		return nil, errors.New("the help of ops has no exit codes")
	}
	lines := head("code", "meaning")
	for part := range strings.SplitSeq(strings.ReplaceAll(text, "\n", " "), "; ") {
		number, meaning, _ := strings.Cut(strings.TrimSpace(part), " ")
		lines = append(lines, row(number, meaning))
	}
	return lines, nil
}
