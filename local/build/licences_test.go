package build

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// licences are the beginnings of sentences by which the licences that may be linked are known: all of them allow any use,
// and ask for their text to be kept.
var licences = map[string]string{
	"Apache-2.0":   "Apache License\n                           Version 2.0",
	"MIT":          "Permission is hereby granted, free of charge, to any person obtaining a copy",
	"BSD-3-Clause": "Redistribution and use in source and binary forms",
}

// TestEverythingLinkedHasAnAllowedLicence reads the licence of each module that the functions link.
func TestEverythingLinkedHasAnAllowedLicence(t *testing.T) {
	command := exec.CommandContext(t.Context(), "go", "list", "-deps", "-f", "{{with .Module}}{{if not .Main}}{{.Path}} {{.Dir}}{{end}}{{end}}", "./functions/...")
	command.Dir = "../.."
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	lines := slices.Compact(slices.Sorted(strings.Lines(string(out))))
	modules := 0
	for _, line := range lines {
		path, dir, ok := strings.Cut(strings.TrimSpace(line), " ")
		if !ok {
			continue
		}
		modules++
		if name := licence(t, dir); name == "" {
			t.Errorf("%s has no licence that is allowed here", path)
		}
	}
	if modules < 5 {
		t.Errorf("only %d modules were found", modules)
	}
}

// licence returns the name of the licence whose text lies in a module's folder; "" when there is none that is known.
func licence(t *testing.T, dir string) string {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join(dir, "LICENSE*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for name, sentence := range licences {
			if strings.Contains(string(text), sentence) {
				return name
			}
		}
	}
	return ""
}
