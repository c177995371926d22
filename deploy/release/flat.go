package main

import (
	"fmt"
	"regexp"

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

var variable = regexp.MustCompile(`\$\{([\w.]+)\}`)

// substitute puts values in the places of the names that refer to them.
func substitute(node, values *yaml.Node) *yaml.Node {
	if value := find(values, node.Value); value.Kind != 0 && (node.Tag == "!Ref" || node.Tag == "!GetAtt") {
		return value
	}
	if node.Tag == "!Sub" {
		return substituteText(node, values)
	}
	out := *node
	out.Content = nil
	for _, child := range node.Content {
		out.Content = append(out.Content, substitute(child, values))
	}
	return &out
}

// substituteText names the values that a text uses beside it.
func substituteText(node, values *yaml.Node) *yaml.Node {
	line, names := *node, &yaml.Node{Kind: yaml.MappingNode}
	if node.Kind == yaml.SequenceNode {
		line, names = *node.Content[0], substitute(node.Content[1], values)
	}
	line.Tag, line.Style = "", line.Style&^yaml.TaggedStyle
	for _, match := range variable.FindAllStringSubmatch(line.Value, -1) {
		if value := find(values, match[1]); value.Kind != 0 && find(names, match[1]).Kind == 0 {
			set(names, text(match[1]), value)
		}
	}
	if len(names.Content) == 0 {
		return node
	}
	return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!Sub", Content: []*yaml.Node{&line, names}}
}
