package main

import (
	"fmt"

	"go.yaml.in/yaml/v4"
)

// expand writes out aliases and merge keys (<<), which CloudFormation does not take. One node can then stand in several
// places.
func expand(node *yaml.Node) (_ *yaml.Node, err error) {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	node.Anchor = ""
	for i, child := range node.Content {
		if node.Content[i], err = expand(child); err != nil {
			return nil, err
		}
	}
	merged := find(node, "<<")
	if merged.Kind != 0 && merged.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("line %d: only one mapping can be merged (<<)", merged.Line)
	}
	remove(node, "<<")
	for i := 0; i < len(merged.Content); i += 2 {
		if find(node, merged.Content[i].Value).Kind == 0 {
			set(node, merged.Content[i], merged.Content[i+1])
		}
	}
	return node, nil
}

// find follows names through mappings. What is not there is an empty node.
func find(node *yaml.Node, names ...string) *yaml.Node {
	for _, name := range names {
		value := &yaml.Node{}
		for i := 0; node.Kind == yaml.MappingNode && i < len(node.Content); i += 2 {
			if node.Content[i].Value == name {
				value = node.Content[i+1]
			}
		}
		node = value
	}
	return node
}

func remove(mapping *yaml.Node, name string) {
	for i := 0; mapping.Kind == yaml.MappingNode && i < len(mapping.Content); i += 2 {
		if mapping.Content[i].Value == name {
			mapping.Content = append(mapping.Content[:i], mapping.Content[i+2:]...)
			return
		}
	}
}

func set(mapping, key, value *yaml.Node) {
	remove(mapping, key.Value)
	mapping.Content = append(mapping.Content, key, value)
}
