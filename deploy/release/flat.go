package main

import (
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

// flatten takes the conditions and resources of a nested template in, in the place of the stack `name`: the Serverless
// Application Repository accepts no nested stacks.
func flatten(root, nested *yaml.Node, name string) error {
	values := find(root, "Resources", name, "Properties", "Parameters")
	remove(find(root, "Resources"), name)
	for _, section := range []string{"Conditions", "Resources"} {
		all, added := find(root, section), find(nested, section)
		for i := 0; i < len(added.Content); i += 2 {
			if find(all, added.Content[i].Value).Kind != 0 {
				return fmt.Errorf("%s: both templates have %s among their %s", monitoring, added.Content[i].Value, section)
			}
			value, err := substitute(added.Content[i+1], values)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", monitoring, added.Content[i].Value, err)
			}
			set(all, added.Content[i], value)
		}
	}
	outputs := &yaml.Node{Kind: yaml.MappingNode}
	for list, i := find(nested, "Outputs"), 0; i < len(list.Content); i += 2 {
		value, err := substitute(find(list.Content[i+1], "Value"), values)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", monitoring, list.Content[i].Value, err)
		}
		set(outputs, text(name+".Outputs."+list.Content[i].Value), value)
	}
	whole, err := substitute(root, outputs)
	if err != nil {
		return err
	}
	*root = *whole
	return nil
}

var variable = regexp.MustCompile(`\$\{[\w.]+\}`)

// substitute puts values in the places of the names that refer to them, in texts too. In the nested template
// none of the names has another meaning.
func substitute(node, values *yaml.Node) (_ *yaml.Node, err error) {
	if value := find(values, node.Value); value.Kind != 0 && (node.Tag == "!Ref" || node.Tag == "!GetAtt") {
		return value, nil
	}
	out := *node
	out.Value = variable.ReplaceAllStringFunc(node.Value, func(name string) string {
		switch value := find(values, strings.Trim(name, "${}")); {
		case value.Kind == 0:
			return name
		case value.Tag == "!Ref", value.Tag == "!GetAtt":
			return "${" + value.Value + "}"
		case value.Kind == yaml.ScalarNode && !strings.HasPrefix(value.Tag, "!") || strings.HasPrefix(value.Tag, "!!"):
			return value.Value
		default:
			err = fmt.Errorf("line %d: the value of %s can't stand in a text: only a Ref, a GetAtt or a plain value can", node.Line, name)
			return name
		}
	})
	out.Content = nil
	for _, child := range node.Content {
		child, childErr := substitute(child, values)
		if childErr != nil {
			return nil, childErr
		}
		out.Content = append(out.Content, child)
	}
	return &out, err
}
