package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

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
