// Package bench measures the two functions beside the smallest ones that aws-lambda-go allows and beside the pattern that
// samples show. What stands around them (the Runtime API, HelpCrunch, Secrets Manager) runs in a child process, so that what
// is counted in this one is the functions' own.
package bench

import (
	"bytes"
	"path/filepath"
	"testing"

	"helpcrunch-mark-read/local/build"
)

// The packages that are built and compared.
const (
	httpFunction  = "functions/http"
	queueFunction = "functions/queue"
	smallestHTTP  = "local/bench/smallest/http"
	smallestQueue = "local/bench/smallest/queue"
	sample        = "local/bench/sample"
)

// buildBinary builds one of the packages for this machine.
func buildBinary(t testing.TB, name string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "bootstrap")
	if err := build.Run(t.Context(), build.Target{Package: name, Output: path, OS: "linux"}); err != nil {
		t.Fatal(err)
	}
	return path
}

// checkAnswer wants a 200 for an HTTP event.
func checkAnswer(t testing.TB, answer []byte, err error) {
	t.Helper()
	if err != nil || !bytes.Contains(answer, []byte(`"statusCode":200`)) {
		t.Fatalf("answer %s: %v", answer, err)
	}
}
