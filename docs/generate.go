// Command docs writes the tables in the documents that follow from the code and the templates, each between its markers:
// go generate ./docs
package main

//go:generate go run .

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v4"

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

// template is what the tables say of the templates.
type template struct {
	Parameters yaml.Node `yaml:"Parameters"`
	Globals    yaml.Node `yaml:"Globals"`
	Resources  yaml.Node `yaml:"Resources"`
	Metadata   struct {
		Interface struct {
			Groups []struct {
				Label      struct{ Default string } `yaml:"Label"`
				Parameters []string                 `yaml:"Parameters"`
			} `yaml:"ParameterGroups"`
		} `yaml:"AWS::CloudFormation::Interface"`
	} `yaml:"Metadata"`
}

func readTemplate(root, path string) (t template, err error) {
	content, err := os.ReadFile(filepath.Join(root, path))
	if err == nil {
		err = yaml.Unmarshal(content, &t)
	}
	return t, err
}

// parameters lists the template's parameters by group, with the variable that each becomes.
func parameters(root string) ([]string, error) {
	t, err := readTemplate(root, "template.yaml")
	if err != nil {
		return nil, err
	}
	declared := map[string]struct {
		Default       string   `yaml:"Default"`
		Description   string   `yaml:"Description"`
		AllowedValues []string `yaml:"AllowedValues"`
	}{}
	if err := t.Parameters.Decode(&declared); err != nil {
		return nil, err
	}
	variables := map[string]string{}
	findVariables(&t.Globals, variables)
	findVariables(&t.Resources, variables)
	var lines []string
	for _, group := range t.Metadata.Interface.Groups {
		lines = append(lines, "", "### "+group.Label.Default, "")
		lines = append(lines, head("parameter", "default", "what it is")...)
		for _, name := range group.Parameters {
			p, ok := declared[name]
			if !ok {
				return nil, fmt.Errorf("a group names %s, which is no parameter", name)
			}
			value, what := "empty", p.Description
			if p.Default != "" {
				value = code(p.Default)
			}
			if len(p.AllowedValues) > 0 {
				value += " (" + strings.Join(p.AllowedValues, ", ") + ")"
			}
			if variables[name] != "" {
				what += " Variable " + code(variables[name]) + "."
			}
			lines = append(lines, row(code(name), value, strings.ReplaceAll(what, "|", `\|`)))
			delete(declared, name)
		}
	}
	if len(declared) > 0 {
		return nil, fmt.Errorf("%d parameters are in no group", len(declared))
	}
	if len(lines) == 0 {
		return nil, errors.New("there are no groups of parameters")
	}
	return append(lines, ""), nil
}

// findVariables gathers the environment variables whose value is just one parameter.
func findVariables(n *yaml.Node, variables map[string]string) {
	for i := 0; n.Kind == yaml.MappingNode && i < len(n.Content); i += 2 {
		if name, value := n.Content[i], n.Content[i+1]; value.Tag == "!Ref" && regexp.MustCompile(`^[A-Z_]+$`).MatchString(name.Value) {
			variables[value.Value] = name.Value
		}
	}
	for _, child := range n.Content {
		findVariables(child, variables)
	}
}

// alarms lists every alarm under the section of the runbook that its text names.
func alarms(root string) ([]string, error) {
	t, err := readTemplate(root, "deploy/monitoring.yaml")
	if err != nil {
		return nil, err
	}
	runbook, err := os.ReadFile(filepath.Join(root, "docs/operations.md"))
	if err != nil {
		return nil, err
	}
	var sections []string
	bySection := map[string][]string{}
	for i := 0; i < len(t.Resources.Content); i += 2 {
		var resource struct {
			Type       string `yaml:"Type"`
			Properties struct {
				AlarmDescription yaml.Node `yaml:"AlarmDescription"`
			} `yaml:"Properties"`
		}
		name := t.Resources.Content[i].Value
		if err := t.Resources.Content[i+1].Decode(&resource); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		if resource.Type != "AWS::CloudWatch::Alarm" {
			continue
		}
		_, section, _ := strings.Cut(resource.Properties.AlarmDescription.Value, "docs/operations.md, ")
		section = strings.TrimSuffix(strings.TrimSpace(section), ".")
		if !strings.Contains(string(runbook), "\n### "+section+"\n") {
			return nil, fmt.Errorf("%s leads to the section %q, which the runbook does not have", name, section)
		}
		if bySection[section] == nil {
			sections = append(sections, section)
		}
		bySection[section] = append(bySection[section], code(name))
	}
	lines := head("alarm", "go to")
	for _, section := range sections {
		anchor := strings.ReplaceAll(strings.ToLower(section), " ", "-")
		lines = append(lines, row(strings.Join(bySection[section], ", "), "["+section+"](#"+anchor+")"))
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
