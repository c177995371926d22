package main

import "go.yaml.in/yaml/v4"

// expand writes out aliases and merge keys (<<), which CloudFormation does not take.
func expand(node *yaml.Node) *yaml.Node {
	if node.Kind == yaml.AliasNode {
		node = node.Alias
	}
	out := *node
	out.Anchor, out.Content = "", nil
	if node.Kind != yaml.MappingNode {
		for _, child := range node.Content {
			out.Content = append(out.Content, expand(child))
		}
		return &out
	}
	for i := 0; i < len(node.Content); i += 2 {
		key, value := node.Content[i], expand(node.Content[i+1])
		if key.Value != "<<" {
			set(&out, key, value)
			continue
		}
		sources := []*yaml.Node{value}
		if value.Kind == yaml.SequenceNode {
			sources = value.Content
		}
		for _, source := range sources {
			merge(&out, node, source)
		}
	}
	return &out
}

// merge takes over from source what neither the mapping itself has nor an earlier source had.
func merge(out, mapping, source *yaml.Node) {
	for i := 0; i < len(source.Content); i += 2 {
		if name := source.Content[i].Value; find(mapping, name).Kind == 0 && find(out, name).Kind == 0 {
			set(out, source.Content[i], source.Content[i+1])
		}
	}
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
