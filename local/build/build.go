// Package build is the one place that knows how the functions are built, for Lambda, the local stack and the benchmarks.
package build

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// module is this project's, by which the go command finds its packages from anywhere inside of it.
const module = "helpcrunch-mark-read"

// Target is one binary to build.
type Target struct {
	Package string // the main package below the module: functions/http
	Output  string // the binary to write

	OS, Arch string // this machine's by default
	Version  string // what the function logs as its version; none by default
	Race     bool   // with the race detector, which needs a C compiler
}

// Run builds the target as Lambda gets it: static, small, the same bytes from the same source, without net/rpc (which only
// Lambda's retired go1.x runtime needs), and a function without HTTP/2 (which nothing it calls speaks). It needs the go
// command, and a working directory inside of the project.
func Run(ctx context.Context, t Target) error {
	tags, cgo := "lambda.norpc", "0"
	if strings.HasPrefix(t.Package, "functions/") {
		tags += ",nethttpomithttp2"
	}
	if t.Race {
		cgo = "1"
	}
	flags := "-s -w -buildid="
	if t.Version != "" {
		flags += " -X " + module + "/shared/boot.version=" + t.Version
	}
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-tags", tags, "-ldflags", flags,
		"-race="+strconv.FormatBool(t.Race), "-o", t.Output, module+"/"+t.Package)
	command.Env = append(os.Environ(), "CGO_ENABLED="+cgo, "GOOS="+t.OS, "GOARCH="+t.Arch) // empty: this machine's
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s does not build: %w\n%s", t.Package, err, strings.TrimSpace(string(output)))
	}
	return nil
}

// Functions builds both functions for this machine; see [Function] for where.
func Functions(ctx context.Context, dir string, race bool) error {
	for _, name := range []string{"http", "queue"} {
		if err := Run(ctx, Target{Package: "functions/" + name, Output: Function(dir, name), Race: race}); err != nil {
			return err
		}
	}
	return nil
}

// Function is where Functions writes the function http or queue.
func Function(dir, name string) string { return filepath.Join(dir, name, "bootstrap") }
