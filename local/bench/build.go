package bench

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// The packages that are built and compared.
const (
	HTTP          = "functions/http"
	Queue         = "functions/queue"
	SmallestHTTP  = "local/bench/smallest/http"
	SmallestQueue = "local/bench/smallest/queue"
	Sample        = "local/bench/sample"
)

// Build compiles one of the packages for this machine or for another architecture with arch, and gives the path of the
// binary below dir: the functions as the Makefile does, and what they are compared with likewise, but with the HTTP/2 that
// is in every Go program unless it is left out. It needs the go command, and a working directory in this project.
func Build(ctx context.Context, dir, name, arch string) (string, error) {
	tags := "lambda.norpc"
	if strings.HasPrefix(name, "functions/") {
		tags += ",nethttpomithttp2"
	}
	path := filepath.Join(dir, strings.ReplaceAll(name, "/", "-"), "bootstrap")
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-buildvcs=false", "-tags", tags,
		"-ldflags=-s -w -buildid=", "-o", path, "helpcrunch-mark-read/"+name)
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux")
	if arch != "" {
		command.Env = append(command.Env, "GOARCH="+arch)
	}
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%s does not build: %w\n%s", name, err, output)
	}
	return path, nil
}
