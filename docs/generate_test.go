package main

import (
	"os"
	"path/filepath"
	"testing"
)

func TestTheTablesAreAsGenerated(t *testing.T) {
	documents, err := generate("..")
	if err != nil {
		t.Fatal(err)
	}
	for path, text := range documents {
		content, err := os.ReadFile(filepath.Join("..", path))
		if err != nil {
			t.Fatal(err)
		}
		if string(content) != text {
			t.Errorf("%s is not as the code and the templates are: run go generate ./docs", path)
		}
	}
}
