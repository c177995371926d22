package docscheck

import (
	"encoding/json"
	"testing"

	"go.yaml.in/yaml/v4"
)

// parseYAML reads a YAML file of the repository. Of CloudFormation's short forms (!Ref, !Sub, ...) only the value stays.
func parseYAML(t *testing.T, path string) (document map[string]any) {
	t.Helper()
	if err := yaml.Unmarshal([]byte(read(t, path)), &document); err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	return document
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
