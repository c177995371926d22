package boot_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "helpcrunch-mark-read/"

// layers are the product's packages from the top down: an import may point down only.
var layers = [][]string{
	{"boot"},
	{"httpapi", "queue"},
	{"telemetry"},
	{"attempt"},
	{"outcome"},
	{"pace", "apikey", "callertoken"},
	{"secret", "helpcrunch", "deadletter"},
	{"mark"},
}

// leaves import nothing but the standard library and the packages named.
var leaves = map[string][]string{"mark": nil, "helpcrunch": {"shared/mark"}, "pace": nil}

func layer(name string) int {
	return slices.IndexFunc(layers, func(names []string) bool { return slices.Contains(names, name) })
}

// source gives the files of a package of shared/ without its tests.
func source(t *testing.T, name string) (*token.FileSet, []*ast.File) {
	t.Helper()
	paths, err := filepath.Glob("../" + name + "/*.go")
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	var files []*ast.File
	for _, path := range paths {
		if strings.HasSuffix(path, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, path, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	if len(files) == 0 {
		t.Fatalf("no files in %s", name)
	}
	return set, files
}

func TestEveryPackageHasItsLayer(t *testing.T) {
	entries, err := os.ReadDir("..")
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if !entry.IsDir() {
			t.Errorf("shared/%s: shared/ holds packages, never files of its own", entry.Name())
		} else if layer(entry.Name()) < 0 {
			t.Errorf("shared/%s has no place in the layers", entry.Name())
		}
	}
}

func TestImportsPointDownOnly(t *testing.T) {
	for _, names := range layers {
		for _, name := range names {
			_, files := source(t, name)
			for _, file := range files {
				for _, spec := range file.Imports {
					checkImport(t, name, strings.Trim(spec.Path.Value, `"`))
				}
			}
		}
	}
}

func checkImport(t *testing.T, from, path string) {
	t.Helper()
	own, isOwn := strings.CutPrefix(path, module)
	if allowed, isLeaf := leaves[from]; isLeaf {
		first, _, _ := strings.Cut(path, "/")
		if isOwn && !slices.Contains(allowed, own) || strings.Contains(first, ".") {
			t.Errorf("shared/%s imports %s", from, path)
		}
	}
	if !isOwn {
		return
	}
	to, isShared := strings.CutPrefix(own, "shared/")
	if !isShared || layer(to) <= layer(from) {
		t.Errorf("shared/%s imports %s, which is not below it", from, path)
	}
}

// TestWhatTheBinariesLink keeps everything that is not the product's out of the functions.
func TestWhatTheBinariesLink(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", "../../functions/...").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	for path := range strings.FieldsSeq(string(out)) {
		allowed := slices.ContainsFunc([]string{
			module + "functions/", module + "shared/",
			"github.com/aws/aws-lambda-go/", "github.com/aws/aws-sdk-go-v2/", "github.com/aws/smithy-go/", "vendor/",
		}, func(prefix string) bool { return strings.HasPrefix(path+"/", prefix) })
		first, _, _ := strings.Cut(path, "/")
		standard := !strings.Contains(first, ".") && first+"/" != module
		if !allowed && !standard || strings.HasSuffix(path, "test") && strings.HasPrefix(path, module) {
			t.Errorf("the functions link %s", path)
		}
	}
}

func TestNoInitAndNoStateInPackages(t *testing.T) {
	for _, names := range layers {
		for _, name := range names {
			set, files := source(t, name)
			variables := map[string]bool{}
			for _, file := range files {
				for _, declaration := range file.Decls {
					checkDeclaration(t, set, declaration, variables)
				}
			}
			for _, file := range files {
				ast.Inspect(file, func(n ast.Node) bool {
					for _, target := range targets(n) {
						if changed := root(target); variables[changed] {
							t.Errorf("%s: the package variable %s is changed", set.Position(n.Pos()), changed)
						}
					}
					return true
				})
			}
		}
	}
}

// checkDeclaration finds init functions, and gathers package variables: errors, tables and what the linker stamps in.
func checkDeclaration(t *testing.T, set *token.FileSet, declaration ast.Decl, variables map[string]bool) {
	t.Helper()
	switch d := declaration.(type) {
	case *ast.FuncDecl:
		if d.Recv == nil && d.Name.Name == "init" {
			t.Errorf("%s: an init function", set.Position(d.Pos()))
		}
	case *ast.GenDecl:
		if d.Tok != token.VAR {
			return
		}
		for _, spec := range d.Specs {
			value := spec.(*ast.ValueSpec)
			for i, name := range value.Names {
				variables[name.Name] = name.Name != "_"
				if i >= len(value.Values) || !isConstant(value.Values[i]) {
					t.Errorf("%s: the package variable %s may hold state", set.Position(name.Pos()), name.Name)
				}
			}
		}
	}
}

// isConstant says whether an initial value is of a kind that stays as it is unless somebody assigns to it: an error, a
// literal, a table.
func isConstant(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return true
	case *ast.CompositeLit:
		switch e.Type.(type) {
		case *ast.ArrayType, *ast.MapType:
			return true
		}
	case *ast.CallExpr:
		selector, ok := e.Fun.(*ast.SelectorExpr)
		if !ok {
			return false
		}
		from, ok := selector.X.(*ast.Ident)
		return ok && (from.Name == "errors" && selector.Sel.Name == "New" || from.Name == "fmt" && selector.Sel.Name == "Errorf")
	}
	return false
}

// targets gives what a statement or expression assigns to, counts, deletes from or takes the address of.
func targets(n ast.Node) []ast.Expr {
	switch n := n.(type) {
	case *ast.AssignStmt:
		if n.Tok != token.DEFINE {
			return n.Lhs
		}
	case *ast.IncDecStmt:
		return []ast.Expr{n.X}
	case *ast.UnaryExpr:
		if _, isElement := n.X.(*ast.IndexExpr); n.Op == token.AND && !isElement { // rows are read through pointers
			return []ast.Expr{n.X}
		}
	case *ast.CallExpr:
		if f, ok := n.Fun.(*ast.Ident); ok && (f.Name == "delete" || f.Name == "clear") {
			return n.Args[:1]
		}
	}
	return nil
}

// root gives the variable that an expression is a part of.
func root(e ast.Expr) string {
	for {
		switch part := e.(type) {
		case *ast.Ident:
			return part.Name
		case *ast.IndexExpr:
			e = part.X
		case *ast.SelectorExpr:
			e = part.X
		case *ast.StarExpr:
			e = part.X
		default:
			return ""
		}
	}
}
