package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"go.yaml.in/yaml/v4"
)

// packTemplate writes a template into the package as CloudFormation takes it, with places for the bucket, the keys and the
// addresses, which install.sh fills in. A nested template comes along, or is taken in where `flat` is set.
func packTemplate(source, folder string, code map[string]string, flat bool) error {
	root, err := read(source)
	if err != nil {
		return err
	}
	remove(find(root, "Globals", "Function"), "CodeUri")
	resources := slices.Clone(find(root, "Resources").Content)
	for i := 0; i < len(resources); i += 2 {
		name, resource := resources[i].Value, resources[i+1]
		switch properties := find(resource, "Properties"); find(resource, "Type").Value {
		case "AWS::Serverless::Function":
			if code[name] == "" {
				return fmt.Errorf("%s: there is no code for %s", source, name)
			}
			remove(resource, "Metadata") // how SAM would build it
			location := &yaml.Node{Kind: yaml.MappingNode}
			set(location, text("Bucket"), text("INSTALL_BUCKET"))
			set(location, text("Key"), text("INSTALL_KEY/"+code[name]))
			set(properties, text("CodeUri"), location)
		case "AWS::CloudFormation::Stack":
			url := find(properties, "TemplateURL").Value
			nested, err := read(filepath.Join(filepath.Dir(source), url))
			if err != nil {
				return err
			}
			if flat {
				err = flatten(root, nested, name)
			} else {
				set(properties, text("TemplateURL"), text("INSTALL_URL/"+filepath.Base(url)))
				err = write(filepath.Join(folder, filepath.Base(url)), nested)
			}
			if err != nil {
				return err
			}
		}
	}
	return write(filepath.Join(folder, filepath.Base(source)), root)
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
	var out bytes.Buffer
	dumper, err := yaml.NewDumper(&out, yaml.WithV4Defaults(), yaml.WithLineWidth(-1))
	if err != nil {
		return err
	}
	if err := errors.Join(dumper.Dump(node), dumper.Close()); err != nil {
		return err
	}
	return os.WriteFile(file, out.Bytes(), 0o644)
}

func text(s string) *yaml.Node { return &yaml.Node{Kind: yaml.ScalarNode, Value: s} }
