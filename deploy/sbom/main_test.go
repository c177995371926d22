package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	cdx "github.com/CycloneDX/cyclonedx-go"
)

// TestTheBillListsWhatIsLinked holds a function's bill against what the Go command says of the same binary.
func TestTheBillListsWhatIsLinked(t *testing.T) {
	binary := filepath.Join(t.TempDir(), "bootstrap")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", binary, "helpcrunch-mark-read/functions/queue")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	if err := write(binary); err != nil {
		t.Fatal(err)
	}
	first := content(t, binary)
	if err := write(binary); err != nil || !bytes.Equal(first, content(t, binary)) {
		t.Errorf("the same binary gives another bill, or none: %v", err)
	}
	bom := new(cdx.BOM)
	if err := cdx.NewBOMDecoder(bytes.NewReader(first), cdx.BOMFileFormatJSON).Decode(bom); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, c := range *bom.Components {
		told := c.PackageURL
		if c.Properties != nil {
			told += " " + (*c.Properties)[0].Value
		}
		got = append(got, told)
	}
	told, err := exec.CommandContext(t.Context(), "go", "version", "-m", binary).Output()
	if err != nil {
		t.Fatal(err)
	}
	want := []string{"pkg:golang/stdlib@" + strings.TrimPrefix(runtime.Version(), "go")}
	for line := range strings.Lines(string(told)) {
		if fields := strings.Fields(line); fields[0] == "dep" {
			want = append(want, "pkg:golang/"+fields[1]+"@"+fields[2]+" "+fields[3])
		}
	}
	if !slices.Equal(got, want) || len(want) < 10 {
		t.Errorf("listed %q\nwant   %q", got, want)
	}
}

func content(t *testing.T, binary string) []byte {
	t.Helper()
	content, err := os.ReadFile(binary + ".cdx.json")
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestWhatIsNoGoBinaryHasNoBill(t *testing.T) {
	if err := write("main.go"); err == nil {
		t.Error("a bill was written for a text")
	}
}
