package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v4"
)

// code is what each function's code is named in the package.
var code = map[string]string{"HttpFunction": "http.zip", "QueueFunction": "queue.zip"}

const monitoring = "deploy/monitoring.yaml"

// packTemplates writes the templates into the package as CloudFormation takes them, with places for the bucket, the keys and
// the address, which install.sh fills in. The nested one comes along, or is taken in where `flat` is set.
func packTemplates(folder string, flat bool) error {
	root, err := read("template.yaml")
	if err != nil {
		return err
	}
	nested, err := read(monitoring)
	if err != nil {
		return err
	}
	stack, err := locate(root)
	if err != nil {
		return fmt.Errorf("template.yaml: %w", err)
	}
	if flat {
		err = flatten(root, nested, stack)
	} else {
		set(find(root, "Resources", stack, "Properties"), text("TemplateURL"), text("INSTALL_URL/"+filepath.Base(monitoring)))
		err = write(filepath.Join(folder, filepath.Base(monitoring)), nested)
	}
	if err != nil {
		return err
	}
	return write(filepath.Join(folder, "template.yaml"), root)
}

// locate names the functions' code by its place, and returns the name of the nested stack.
func locate(root *yaml.Node) (stack string, err error) {
	remove(find(root, "Globals", "Function"), "CodeUri")
	resources := find(root, "Resources")
	for i := 0; i < len(resources.Content); i += 2 {
		name, resource := resources.Content[i].Value, resources.Content[i+1]
		switch properties := find(resource, "Properties"); find(resource, "Type").Value {
		case "AWS::Serverless::Function":
			if code[name] == "" {
				return "", fmt.Errorf("there is no code for the function %s", name)
			}
			remove(resource, "Metadata") // how SAM would build it
			location := &yaml.Node{Kind: yaml.MappingNode}
			set(location, text("Bucket"), text("INSTALL_BUCKET"))
			set(location, text("Key"), text("INSTALL_KEY/"+code[name]))
			set(properties, text("CodeUri"), location)
		case "AWS::CloudFormation::Stack":
			if url := find(properties, "TemplateURL").Value; url != monitoring || stack != "" {
				return "", fmt.Errorf("the stack %s is of %q: one stack of %s is all that the package has", name, url, monitoring)
			}
			stack = name
		}
	}
	if stack == "" {
		err = fmt.Errorf("there is no stack of %s", monitoring)
	}
	return stack, err
}

func read(file string) (*yaml.Node, error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var document yaml.Node
	var values any // read too because a node may hold a name twice, or an anchor within itself
	if err := errors.Join(yaml.Unmarshal(content, &document), yaml.Unmarshal(content, &values)); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	if document.Kind != yaml.DocumentNode || document.Content[0].Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s: it is no template", file)
	}
	root, err := expand(document.Content[0])
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	for _, name := range []string{"Conditions", "Resources", "Outputs"} {
		if section := find(root, name); section.Kind != 0 && section.Kind != yaml.MappingNode {
			return nil, fmt.Errorf("%s: line %d: %s is no mapping", file, section.Line, name)
		}
	}
	return root, nil
}

func write(file string, node *yaml.Node) error {
	content, err := yaml.Dump(node, yaml.WithV4Defaults(), yaml.WithLineWidth(-1))
	if err != nil {
		return err
	}
	return os.WriteFile(file, content, 0o644)
}

func text(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: s} }
