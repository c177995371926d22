// Command function builds one function for Lambda, for the Makefile: function -arch arm64 -version v1 http build/http
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"helpcrunch-mark-read/local/build"
)

func main() {
	arch := flag.String("arch", "arm64", "arm64 or amd64")
	version := flag.String("version", "", "what the function logs as its version")
	flag.Parse()
	if flag.NArg() != 2 {
		fmt.Fprintln(os.Stderr, "usage: function [-arch arm64] [-version VERSION] http|queue FOLDER")
		os.Exit(2)
	}
	err := build.Run(context.Background(), build.Target{
		Package: "functions/" + flag.Arg(0), Output: filepath.Join(flag.Arg(1), "bootstrap"),
		OS: "linux", Arch: *arch, Version: *version,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
