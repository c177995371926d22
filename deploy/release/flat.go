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
				return fmt.Errorf("%s: both templates have %s among their %s", name, added.Content[i].Value, section)
			}
			set(all, added.Content[i], substitute(added.Content[i+1], values))
		}
	}
	outputs := &yaml.Node{Kind: yaml.MappingNode}
	for list, i := find(nested, "Outputs"), 0; i < len(list.Content); i += 2 {
		set(outputs, text(name+".Outputs."+list.Content[i].Value), substitute(find(list.Content[i+1], "Value"), values))
	}
	*root = *substitute(root, outputs)
	return nil
}

var variable = regexp.MustCompile(`\$\{[\w.]+\}`)

// substitute puts values in the places of the names that refer to them, in texts too. The nested template gives none of the
// names another meaning.
func substitute(node, values *yaml.Node) *yaml.Node {
	if value := find(values, node.Value); value.Kind != 0 && (node.Tag == "!Ref" || node.Tag == "!GetAtt") {
		return value
	}
	out := *node
	out.Value = variable.ReplaceAllStringFunc(node.Value, func(name string) string {
		value := find(values, strings.Trim(name, "${}"))
		if value.Kind == yaml.SequenceNode {
			panic(name + " is a condition's, which no text can hold")
		}
		if value.Kind == 0 {
			return name
		}
		return "${" + value.Value + "}"
	})
	out.Content = nil
	for _, child := range node.Content {
		out.Content = append(out.Content, substitute(child, values))
	}
	return &out
}
