// Package stacktest starts local stacks in tests. The functions are built once for all tests of a package.
package stacktest

import (
	"context"
	"fmt"
	"os"
	"testing"

	"helpcrunch-mark-read/local/build"
	"helpcrunch-mark-read/local/lambda"
	"helpcrunch-mark-read/local/stack"
)

// Binaries is the folder of the compiled functions, as build.Functions fills it. Main sets it.
var Binaries string

// Main is the body of TestMain: it builds the functions and runs the tests.
func Main(m *testing.M) {
	os.Exit(func() int {
		dir, err := os.MkdirTemp("", "helpcrunch-mark-read-test-")
		if err == nil {
			defer func() { _ = os.RemoveAll(dir) }()
			err = build.Functions(context.Background(), dir, false)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		Binaries = dir
		return m.Run()
	}())
}

// Start starts a stack that ends with the test. What the functions write is shown by go test -v.
func Start(t *testing.T, o stack.Options) *stack.Stack {
	t.Helper()
	o.Binaries = Binaries
	log := o.Log
	o.Log = func(line lambda.Line) {
		if log != nil {
			log(line)
		}
		if testing.Verbose() {
			t.Log(line.Function, line.Text)
		}
	}
	s, err := stack.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}
