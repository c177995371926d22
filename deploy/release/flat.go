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
			set(all, added.Content[i], decided(substitute(added.Content[i+1], values)))
		}
	}
	outputs := map[string]*yaml.Node{}
	for list, i := find(nested, "Outputs"), 0; i < len(list.Content); i += 2 {
		outputs[name+".Outputs."+list.Content[i].Value] = substitute(find(list.Content[i+1], "Value"), values)
	}
	replace(root, "!GetAtt", outputs)
	return nil
}

// decided is a condition without an Fn::If, which CloudFormation takes in no condition: whether `If [C, x, y]` is x is C.
func decided(condition *yaml.Node) *yaml.Node {
	if condition.Tag != "!Equals" || condition.Content[0].Tag != "!If" || condition.Content[0].Content[1].Value != condition.Content[1].Value {
		return condition
	}
	return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!Condition", Value: condition.Content[0].Content[0].Value}
}

var variable = regexp.MustCompile(`\$\{(\w+)\}`)

// substitute puts the values that the nested stack is passed in the places of its parameters.
func substitute(node, values *yaml.Node) *yaml.Node {
	if value := find(values, node.Value); node.Tag == "!Ref" && value.Kind != 0 {
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
	text, names := *node, &yaml.Node{Kind: yaml.MappingNode}
	if node.Kind == yaml.SequenceNode {
		text, names = *node.Content[0], substitute(node.Content[1], values)
	}
	text.Tag, text.Style = "", text.Style&^yaml.TaggedStyle
	for _, match := range variable.FindAllStringSubmatch(text.Value, -1) {
		if value := find(values, match[1]); value.Kind != 0 && find(names, match[1]).Kind == 0 {
			set(names, &yaml.Node{Kind: yaml.ScalarNode, Value: match[1]}, value)
		}
	}
	if len(names.Content) == 0 {
		return node
	}
	return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!Sub", Content: []*yaml.Node{&text, names}}
}

// replace puts other nodes in the places of those with a tag and one of these values.
func replace(node *yaml.Node, tag string, with map[string]*yaml.Node) {
	for i, child := range node.Content {
		if other := with[child.Value]; child.Tag == tag && other != nil {
			node.Content[i] = other
		}
		replace(node.Content[i], tag, with)
	}
}
