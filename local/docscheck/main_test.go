// Package docscheck holds the documents to the truth: links, snippets, examples, events and the description of the HTTP API
// are read as they stand in the repository and tried, most of them on the compiled functions. Tables that follow from the code
// are generated (docs/generate.go).
package docscheck

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"helpcrunch-mark-read/local/secretsmanager"
	"helpcrunch-mark-read/local/simulator"
	"helpcrunch-mark-read/local/stack"
	"helpcrunch-mark-read/local/stack/stacktest"
)

// root is the repository, seen from this package.
const root = "../.."

func TestMain(m *testing.M) { stacktest.Main(m) }

// renew prepares for the next case a stack that knows nothing of the one before, and a HelpCrunch with that fault.
func renew(t *testing.T, s *stack.Stack, fault simulator.Fault, hook secretsmanager.Hook) {
	t.Helper()
	s.HTTP.Kill()
	s.Queue.Kill()
	s.Simulator.Reset()
	s.Secrets.SetHook(hook)
	s.SQS.SetFault(nil)
	if fault.Kind == "" {
		return
	}
	if err := s.Simulator.AddFault(fault); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, path string) string {
	t.Helper()
	content, err := os.ReadFile(filepath.Join(root, path))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

// documents are all Markdown files of the repository, as paths from its root.
func documents(t *testing.T) []string {
	t.Helper()
	var found []string
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, entry fs.DirEntry, err error) error {
		skipped := []string{"build", "node_modules", "testdata"}
		if err == nil && entry.IsDir() && path != "." && (strings.HasPrefix(entry.Name(), ".") || slices.Contains(skipped, entry.Name())) {
			return fs.SkipDir
		}
		if strings.HasSuffix(path, ".md") {
			found = append(found, path)
		}
		return err
	})
	if err != nil || len(found) < 5 {
		t.Fatalf("only %v were found: %v", found, err)
	}
	return found
}
