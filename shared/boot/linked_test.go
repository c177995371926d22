package boot_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "helpcrunch-mark-read/"

// source parses a package of shared/ without its tests.
func source(t *testing.T, dir string) (*token.FileSet, []*ast.File) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "*.go"))
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
	return set, files
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

// TestNoStateInPackages: a package variable is an error, a table or what the linker stamps in, and nothing changes it. (The
// linter gochecknoglobals knows no tables.)
func TestNoStateInPackages(t *testing.T) {
	dirs, err := filepath.Glob("../*")
	if err != nil || len(dirs) < 10 {
		t.Fatalf("only %v (%v)", dirs, err)
	}
	for _, dir := range dirs {
		set, files := source(t, dir)
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

// checkDeclaration gathers package variables.
func checkDeclaration(t *testing.T, set *token.FileSet, declaration ast.Decl, variables map[string]bool) {
	t.Helper()
	d, ok := declaration.(*ast.GenDecl)
	if !ok || d.Tok != token.VAR {
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

// targets returns what a statement or expression assigns to, counts, deletes from or takes the address of.
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

// root returns the variable that an expression is a part of.
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
