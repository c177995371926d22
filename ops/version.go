package main

import (
	"cmp"
	"context"
	"runtime"
	"runtime/debug"
)

// version is stamped by the linker in a release: -X main.version=1.2.3.
var version string

type showVersion struct{}

type versionJSON struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Dirty   bool   `json:"dirty,omitempty"` // built with changes that are in no commit
	Go      string `json:"go"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
}

func (c *showVersion) run(_ context.Context, a *app, g *globals) error {
	v := buildVersion(debug.ReadBuildInfo())
	if g.JSON {
		return a.printJSON(v)
	}
	commit := ""
	if v.Commit != "" {
		commit = ", commit " + v.Commit
	}
	if v.Dirty {
		commit += " with changes"
	}
	a.print("ops %s%s, %s, %s/%s", v.Version, commit, v.Go, v.OS, v.Arch)
	return nil
}

// buildVersion is what the linker or, in a build from a clone, Go itself wrote into the binary.
func buildVersion(info *debug.BuildInfo, ok bool) versionJSON {
	v := versionJSON{Version: cmp.Or(version, "(devel)"), Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH}
	if !ok {
		return v
	}
	v.Version = cmp.Or(version, info.Main.Version, "(devel)")
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Commit = s.Value
		case "vcs.modified":
			v.Dirty = s.Value == "true"
		}
	}
	return v
}
