package main

import "go.yaml.in/yaml/v4"

// expand writes out aliases and merge keys (<<), which CloudFormation does not take. One node can then stand in several
// places.
func expand(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	node.Anchor = ""
	for i, child := range node.Content {
		node.Content[i] = expand(child)
	}
	merged := find(node, "<<")
	remove(node, "<<")
	for i := 0; i < len(merged.Content); i += 2 {
		if find(node, merged.Content[i].Value).Kind == 0 {
			set(node, merged.Content[i], merged.Content[i+1])
		}
	}
	return node
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
	for i := 0; i < len(mapping.Content); i += 2 {
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
