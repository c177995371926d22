package disk_test

import (
	"os"
	"path/filepath"
	"testing"

	"helpcrunch-mark-read/ops/internal/disk"
)

func TestReplaceLeavesNothingBehind(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "progress")
	// A run that was killed between writing and renaming.
	if err := os.WriteFile(path+".tmp", []byte("a longer content that was cut o"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, content := range []string{"first", "2"} {
		if err := disk.Replace(path, []byte(content)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(path); err != nil || string(got) != content {
			t.Errorf("the file holds %q, %v; want %q", got, err, content)
		}
	}
	if files, err := os.ReadDir(folder); err != nil || len(files) != 1 {
		t.Errorf("in the folder are %v, %v; want only the file", files, err)
	}
}

func TestReplaceReportsWhatItCantDo(t *testing.T) {
	folder := t.TempDir()
	if err := disk.Replace(filepath.Join(folder, "missing", "progress"), nil); err == nil {
		t.Error("no error for a folder that does not exist")
	}
	path := filepath.Join(folder, "taken")
	if err := os.MkdirAll(filepath.Join(path, "x"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := disk.Replace(path, nil); err == nil {
		t.Error("no error for a path that is a folder")
	}
	if _, err := os.Stat(path + ".tmp"); err == nil {
		t.Error("a file is left behind")
	}
}
