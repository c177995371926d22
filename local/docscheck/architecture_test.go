package docscheck

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "helpcrunch-mark-read/"

// sources parses a package's files, less its tests.
func sources(t *testing.T, dir string) (files []*ast.File) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	return files
}

// TestPackageTable: the table in docs/architecture.md has every package of shared/, each above all that it imports.
func TestPackageTable(t *testing.T) {
	_, table, _ := strings.Cut(read(t, "docs/architecture.md"), "## Packages")
	var listed []string
	for _, match := range regexp.MustCompile("(?m)^\\| `(shared/[a-z]+)` \\|").FindAllStringSubmatch(table, -1) {
		listed = append(listed, match[1])
	}
	entries, err := os.ReadDir(filepath.Join(root, "shared"))
	if err != nil || len(entries) != len(listed) {
		t.Errorf("%d packages are listed, there are %d (%v)", len(listed), len(entries), err)
	}
	for at, importer := range listed {
		for _, file := range sources(t, importer) {
			for _, spec := range file.Imports {
				path, _ := strconv.Unquote(spec.Path.Value)
				imported, ours := strings.CutPrefix(path, module)
				if ours && slices.Index(listed, imported) <= at {
					t.Errorf("%s imports %s, which is not below it in the table", importer, imported)
				}
			}
		}
	}
}

// TestArchitectureNames: what the diagram and the text call by a package's name and an exported one is there.
func TestArchitectureNames(t *testing.T) {
	names := regexp.MustCompile(`\b(boot|httpapi|queue|telemetry|attempt|outcome|apikey|secret|pace|helpcrunch|mark)\.([A-Z][A-Za-z]+)`).
		FindAllStringSubmatch(read(t, "docs/architecture.md"), -1)
	if len(names) < 12 {
		t.Errorf("only %d names were found", len(names))
	}
	for _, name := range names {
		declared := slices.ContainsFunc(sources(t, "shared/"+name[1]), func(f *ast.File) bool {
			return slices.ContainsFunc(f.Decls, func(d ast.Decl) bool { return declares(d, name[2]) })
		})
		if !declared {
			t.Errorf("shared/%s has no %s", name[1], name[2])
		}
	}
}

func declares(d ast.Decl, name string) bool {
	switch d := d.(type) {
	case *ast.FuncDecl:
		return d.Name.Name == name
	case *ast.GenDecl:
		return slices.ContainsFunc(d.Specs, func(s ast.Spec) bool {
			named, ok := s.(*ast.TypeSpec)
			return ok && named.Name.Name == name
		})
	}
	return false
}
