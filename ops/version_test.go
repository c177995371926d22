package main

import (
	"runtime/debug"
	"strings"
	"testing"
)

func TestVersion(t *testing.T) {
	var out strings.Builder
	a := &app{out: &out, err: &out}
	if code := a.run(t.Context(), []string{"version"}); code != 0 || !strings.HasPrefix(out.String(), "ops (devel)") && !strings.HasPrefix(out.String(), "ops v") {
		t.Errorf("%d, %q", code, out.String())
	}
	info := &debug.BuildInfo{Main: debug.Module{Version: "v0.9.0"}, Settings: []debug.BuildSetting{{Key: "vcs.revision", Value: "abc"}, {Key: "vcs.modified", Value: "true"}}}
	if v := buildVersion(info, true); v.Version != "v0.9.0" || v.Commit != "abc" || !v.Dirty {
		t.Errorf("%+v", v)
	}
	version = "1.2.3"
	defer func() { version = "" }()
	if v := buildVersion(info, true); v.Version != "1.2.3" || buildVersion(nil, false).Version != "1.2.3" {
		t.Errorf("a stamped version: %+v", v)
	}
}
