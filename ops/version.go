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

func (c *showVersion) run(_ context.Context, a *app, g *globals) error {
	// Without a stamp: what Go itself wrote into a build from a clone, the commit included.
	built := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok {
		built = cmp.Or(info.Main.Version, built)
	}
	v := cmp.Or(version, built)
	if g.JSON {
		return a.printJSON(map[string]string{"version": v, "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH})
	}
	a.print("ops %s (%s, %s/%s)", v, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	return nil
}
