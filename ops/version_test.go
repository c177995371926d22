package main

import (
	"strings"
	"testing"
)

func TestVersion(t *testing.T) {
	show := func(args ...string) string {
		var out strings.Builder
		if code := (&app{out: &out, err: &out}).run(t.Context(), args); code != 0 {
			t.Errorf("exit code %d: %s", code, out.String())
		}
		return out.String()
	}
	if got := show("version"); !strings.HasPrefix(got, "ops (devel) (go1.") && !strings.HasPrefix(got, "ops v") {
		t.Errorf("not stamped: %q", got)
	}
	version = "1.2.3"
	defer func() { version = "" }()
	if got := show("version"); !strings.HasPrefix(got, "ops 1.2.3 (go1.") {
		t.Errorf("stamped: %q", got)
	}
	if got := show("version", "--json"); !strings.Contains(got, `"version":"1.2.3"`) {
		t.Errorf("as JSON: %q", got)
	}
}
