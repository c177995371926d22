package build

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
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
	for _, function := range []string{"http", "queue"} {
		t.Run(function, func(t *testing.T) {
			target := Target{Package: "functions/" + function, OS: "linux", Arch: "arm64", Version: "v1"}
			first := run(t, target)
			t.Chdir(elsewhere)
			if *fresh {
				t.Setenv("GOCACHE", t.TempDir())
			}
			second := run(t, target)
			if !bytes.Equal(content(t, first), content(t, second)) {
				t.Error("the two builds differ")
			}
			if text, err := exec.CommandContext(t.Context(), "go", "version", "-m", second).CombinedOutput(); err != nil || bytes.Contains(text, []byte(elsewhere)) {
				t.Errorf("%v: the binary says where it was built:\n%s", err, text)
			}
		})
	}
}

func run(t *testing.T, target Target) string {
	t.Helper()
	target.Output = filepath.Join(t.TempDir(), "bootstrap")
	if err := Run(t.Context(), target); err != nil {
		t.Fatal(err)
	}
	return target.Output
}

func content(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestAFunctionThatDoesNotBuildIsNamed(t *testing.T) {
	err := Run(t.Context(), Target{Package: "functions/none", Output: filepath.Join(t.TempDir(), "bootstrap")})
	if err == nil || !strings.Contains(err.Error(), "functions/none does not build") {
		t.Errorf("got %v", err)
	}
}
