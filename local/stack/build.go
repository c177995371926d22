package stack

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
)

// module is this project's, by which the go command finds the functions from anywhere inside of it.
const module = "helpcrunch-mark-read"

// Build compiles both functions for this machine into dir/http and dir/queue, as they are built for Lambda. It needs the go
// command, and a working directory inside of the project.
func Build(ctx context.Context, dir string) error { return build(ctx, dir, false) }

// build can add the race detector, which is C.
func build(ctx context.Context, dir string, race bool) error {
	cgo := "CGO_ENABLED=0"
	if race {
		cgo = "CGO_ENABLED=1"
	}
	for _, function := range []string{"http", "queue"} {
		command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-tags", "lambda.norpc,nethttpomithttp2", "-ldflags", "-s -w",
			"-race="+strconv.FormatBool(race), "-o", binary(dir, function), module+"/functions/"+function)
		command.Env = append(os.Environ(), cgo)
		if output, err := command.CombinedOutput(); err != nil {
			return fmt.Errorf("functions/%s does not build: %w\n%s", function, err, strings.TrimSpace(string(output)))
		}
	}
	return nil
}

func binary(dir, function string) string { return filepath.Join(dir, function, "bootstrap") }
