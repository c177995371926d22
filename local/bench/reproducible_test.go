package bench

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

var fresh = flag.Bool("fresh", false, "compile everything anew for the second build, the standard library included (minutes)")

// TestTheSameSourceGivesTheSameBinary builds each function a second time, from a copy of the source in another folder.
func TestTheSameSourceGivesTheSameBinary(t *testing.T) {
	elsewhere := t.TempDir()
	for _, name := range []string{"shared", "functions"} {
		if err := os.CopyFS(filepath.Join(elsewhere, name), os.DirFS(filepath.Join("../..", name))); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"go.mod", "go.sum"} {
		content, err := os.ReadFile(filepath.Join("../..", name))
		if err == nil {
			err = os.WriteFile(filepath.Join(elsewhere, name), content, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, function := range []string{HTTP, Queue} {
		t.Run(function, func(t *testing.T) {
			first := build(t, function)
			t.Chdir(elsewhere)
			if *fresh {
				t.Setenv("GOCACHE", t.TempDir())
			}
			second := build(t, function)
			if !bytes.Equal(content(t, first), content(t, second)) {
				t.Error("the two builds differ")
			}
			if text, err := exec.CommandContext(t.Context(), "go", "version", "-m", second).CombinedOutput(); err != nil || bytes.Contains(text, []byte(elsewhere)) {
				t.Errorf("%v: the binary tells where it was built:\n%s", err, text)
			}
		})
	}
}

func content(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}
