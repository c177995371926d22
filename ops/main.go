// Command ops is for those who operate helpcrunch-mark-read: dead letters, bulk marks, a doctor, and the key.
package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"regexp"
	"runtime"
	"runtime/debug"
	"syscall"

	"github.com/aws/aws-sdk-go-v2/aws"

	"helpcrunch-mark-read/ops/internal/bulk"
	"helpcrunch-mark-read/ops/internal/explain"
	"helpcrunch-mark-read/ops/internal/terminal"
	"helpcrunch-mark-read/shared/helpcrunch"
)

// app is what the commands share with the world around them.
type app struct {
	in         io.Reader
	out, err   io.Writer
	loadAWS    func(ctx context.Context, g *globals, askCode func(context.Context) (string, error)) (aws.Config, error)
	helpCrunch http.RoundTripper
	ask        func(ctx context.Context, in io.Reader, out io.Writer, question string) (string, error)
	flags      *globals
	progress   *terminal.Progress // silent when no person watches
	unwritten  error              // why a result for a machine could not be written
}

// say writes a line for a person, apart from the result.
func (a *app) say(format string, args ...any) {
	a.progress.Clear()
	fmt.Fprintf(a.err, format+"\n", args...)
}

// print writes a part of the result.
func (a *app) print(format string, args ...any) {
	a.progress.Clear()
	fmt.Fprintf(a.out, format+"\n", args...)
}

// result writes the result: for a machine a line of JSON, and otherwise what text prints for a person.
func (a *app) result(v any, text func()) {
	if !a.flags.JSON {
		text()
		return
	}
	a.progress.Clear()
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	encoding := encoder.Encode(v)
	// JSON allows these control characters as they are, but a terminal may be where it is read.
	escaped := regexp.MustCompile(`[\x{7f}-\x{9f}]`).ReplaceAllStringFunc(line.String(), func(c string) string {
		return fmt.Sprintf(`\u%04x`, []rune(c)[0])
	})
	_, writing := io.WriteString(a.out, escaped)
	a.unwritten = errors.Join(a.unwritten, encoding, writing)
}

const maxShown = 300 // how much is shown of a text that somebody else wrote

// plain makes a foreign text fit to be shown in a line.
func plain(s string) string {
	s = terminal.Printable(s)
	if runes := []rune(s); len(runes) > maxShown {
		return string(runes[:maxShown]) + "..."
	}
	return s
}

// askCode asks a person for the code of an MFA device; without a terminal nobody can be asked.
func (a *app) askCode(ctx context.Context) (string, error) {
	code, err := a.ask(ctx, a.in, a.err, "The code of your MFA device: ")
	if errors.Is(err, terminal.ErrNoTerminal) {
		return "", explain.ErrNoMFACode
	}
	return code, err
}

// The exit codes, as the help describes them.
const (
	exitDone     = 0
	exitFailed   = 1
	exitUsage    = 2
	exitProblems = 3
	exitFaulty   = 4
	exitStopped  = 130
)

// exitError ends the command with a code when all has been said; says can be empty.
type exitError struct {
	code int
	says string
}

func (e *exitError) Error() string { return e.says }

// undone is for what failed, or is left.
func undone(format string, args ...any) error {
	return &exitError{exitFailed, fmt.Sprintf(format, args...)}
}

// usage is for a command that was called wrongly.
func usage(format string, args ...any) error {
	return &exitError{exitUsage, fmt.Sprintf(format, args...)}
}

// judge returns the exit code of an error, and the sentence to say.
func judge(err error) (code int, says string) {
	var exit *exitError
	var header *bulk.FormatError
	var other *bulk.OtherFileError
	switch {
	case err == nil:
		return exitDone, ""
	case errors.As(err, &exit):
		return exit.code, exit.says
	case errors.As(err, &other):
		return exitUsage, err.Error()
	case errors.Is(err, terminal.ErrNoTerminal):
		return exitUsage, err.Error() + "; --yes goes on without asking"
	case errors.As(err, &header):
		return exitFaulty, err.Error()
	case errors.Is(err, context.Canceled):
		return exitStopped, "stopped; running the same command again goes on from here"
	}
	return exitFailed, explain.Sentence(err)
}

// version is stamped by the linker in a release: -X main.version=1.2.3.
var version string

type showVersion struct{}

func (c *showVersion) run(_ context.Context, a *app, _ *target) error {
	// Without a stamp: what Go itself wrote into a build from a clone, the commit included.
	built := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok {
		built = cmp.Or(info.Main.Version, built)
	}
	v := cmp.Or(version, built)
	a.result(map[string]string{"version": v, "go": runtime.Version(), "os": runtime.GOOS, "arch": runtime.GOARCH}, func() {
		a.print("ops %s (%s, %s/%s)", v, runtime.Version(), runtime.GOOS, runtime.GOARCH)
	})
	return nil
}

func main() {
	// The first signal ends the command in good order: what is out is put back. A second one ends it at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, stop)
	app := &app{
		in: os.Stdin, out: os.Stdout, err: os.Stderr,
		loadAWS: loadAWS, helpCrunch: helpcrunch.NewTransport(), ask: terminal.Ask,
	}
	os.Exit(app.run(ctx, os.Args[1:]))
}
