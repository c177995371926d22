package bench

import (
	"archive/zip"
	"io"
	"os"
	"testing"
)

// The largest that the functions may be: of the smallest function's binary, and as the zip that is uploaded.
const (
	binaryRatio = 1.6 // measured 1.59, of which the SDK's config package is 0.33: see docs/performance.md
	zipBytes    = 4_000_000
)

func TestSizesStayWithinTheirBudget(t *testing.T) {
	for ours, floor := range map[string]string{httpFunction: smallestHTTP, queueFunction: smallestQueue} {
		t.Run(ours, func(t *testing.T) {
			binary := buildBinary(t, ours)
			size, floorSize, zipped := fileSize(t, binary), fileSize(t, buildBinary(t, floor)), zipSize(t, binary)
			t.Logf("binary %.2f MB, %.2f times the smallest function's; zip %.2f MB", float64(size)/1e6, float64(size)/float64(floorSize), float64(zipped)/1e6)
			if float64(size) > binaryRatio*float64(floorSize) {
				t.Errorf("the binary has %d bytes, the smallest function's %d", size, floorSize)
			}
			if zipped > zipBytes {
				t.Errorf("the zip has %d bytes", zipped)
			}
		})
	}
}

func fileSize(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// zipSize is the size of a zip that holds just the binary.
func zipSize(t *testing.T, path string) int64 {
	t.Helper()
	var written counter
	archive := zip.NewWriter(&written)
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	entry, err := archive.Create("bootstrap")
	if err == nil {
		_, err = entry.Write(content)
	}
	if err == nil {
		err = archive.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	return int64(written)
}

type counter int64

var _ io.Writer = (*counter)(nil)

// Write counts.
func (c *counter) Write(b []byte) (int, error) {
	*c += counter(len(b))
	return len(b), nil
}
