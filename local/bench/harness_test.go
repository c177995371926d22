package bench

import (
	"bytes"
	"testing"
)

func build(t testing.TB, name string) string {
	t.Helper()
	path, err := Build(t.Context(), t.TempDir(), name, "")
	if err != nil {
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
