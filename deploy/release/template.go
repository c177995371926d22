package main

import (
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v4"
)

// code is what each function's code is named in the package.
var code = map[string]string{"HttpFunction": "http.zip", "QueueFunction": "queue.zip"}

// packTemplates writes the templates into the package as CloudFormation takes them, with places for the bucket, the keys and
// the address, which install.sh fills in. The nested one comes along, or is taken in where `flat` is set.
func packTemplates(folder string, flat bool) error {
	root, err := read("template.yaml")
	if err != nil {
		return err
	}
	monitoring, err := read("deploy/monitoring.yaml")
	if err != nil {
		return err
	}
	remove(find(root, "Globals", "Function"), "CodeUri")
	for name, archive := range code {
		function, location := find(root, "Resources", name), &yaml.Node{Kind: yaml.MappingNode}
		remove(function, "Metadata") // how SAM would build it
		set(location, text("Bucket"), text("INSTALL_BUCKET"))
		set(location, text("Key"), text("INSTALL_KEY/"+archive))
		set(find(function, "Properties"), text("CodeUri"), location)
	}
	if flat {
		err = flatten(root, monitoring, "Monitoring")
	} else {
		set(find(root, "Resources", "Monitoring", "Properties"), text("TemplateURL"), text("INSTALL_URL/monitoring.yaml"))
		err = write(filepath.Join(folder, "monitoring.yaml"), monitoring)
	}
	if err != nil {
		return err
	}
	return write(filepath.Join(folder, "template.yaml"), root)
}

func read(file string) (*yaml.Node, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var document yaml.Node
	if err := yaml.Unmarshal(content, &document); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return expand(document.Content[0]), nil
}

func write(file string, node *yaml.Node) error {
	content, err := yaml.Dump(node, yaml.WithV4Defaults(), yaml.WithLineWidth(-1))
	if err != nil {
		return err
	}
	return os.WriteFile(file, content, 0o644)
}

func text(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: s} }
