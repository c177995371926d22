package docscheck

import (
	"encoding/json"
	"testing"

	"go.yaml.in/yaml/v4"
)

// parseYAML reads a YAML file of the repository. CloudFormation's short forms (!Ref, !Sub, ...) become {"!Ref": value}.
func parseYAML(t *testing.T, path string) map[string]any {
	t.Helper()
	return decodeYAML(t, path, read(t, path))
}

func decodeYAML(t *testing.T, name, text string) map[string]any {
	t.Helper()
	var document yaml.Node
	if err := yaml.Unmarshal([]byte(text), &document); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	value, ok := plain(t, document.Content[0]).(map[string]any)
	if !ok {
		t.Fatalf("%s is no map", name)
	}
	return value
}

func plain(t *testing.T, n *yaml.Node) any {
	t.Helper()
	if n.Kind == yaml.AliasNode {
		n = n.Alias
	}
	var value any
	switch n.Kind {
	case yaml.MappingNode:
		fields := map[string]any{}
		for i := 0; i < len(n.Content); i += 2 {
			fields[n.Content[i].Value] = plain(t, n.Content[i+1])
		}
		value = fields
	case yaml.SequenceNode:
		list := []any{}
		for _, item := range n.Content {
			list = append(list, plain(t, item))
		}
		value = list
	default:
		value = scalar(t, n)
	}
	if tag := n.Tag; len(tag) > 1 && tag[0] == '!' && tag[1] != '!' {
		return map[string]any{tag: value}
	}
	return value
}

func scalar(t *testing.T, n *yaml.Node) any {
	t.Helper()
	if n.Tag != "!!null" && n.Tag != "!!bool" && n.Tag != "!!int" && n.Tag != "!!float" {
		return n.Value
	}
	var value any
	if err := n.Decode(&value); err != nil {
		t.Fatal(err)
	}
	return value
}

// asJSON makes the value what a JSON reader would make of it.
func asJSON(t *testing.T, value any) any {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return fromJSON(t, string(text))
}

func fromJSON(t *testing.T, text string) (value any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatalf("%v in %.200s", err, text)
	}
	return value
}
