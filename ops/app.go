package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"

	"helpcrunch-mark-read/ops/internal/explain"
	"helpcrunch-mark-read/ops/internal/terminal"
)

// app is what the commands share with the world around them.
type app struct {
	in         io.Reader
	out, err   io.Writer
	loadAWS    func(ctx context.Context, g *globals, askCode func() (string, error)) (aws.Config, error)
	helpCrunch http.RoundTripper
	ask        func(ctx context.Context, in io.Reader, out io.Writer, question string) (string, error)
}

func askTerminal(ctx context.Context, in io.Reader, out io.Writer, question string) (string, error) {
	return terminal.Ask(ctx, in, out, question)
}

// say writes a line for a person, apart from the result.
func (a *app) say(format string, args ...any) { fmt.Fprintf(a.err, format+"\n", args...) }

// print writes a part of the result.
func (a *app) print(format string, args ...any) { fmt.Fprintf(a.out, format+"\n", args...) }

// printJSON writes the result for a machine: one line.
func (a *app) printJSON(v any) error {
	var line bytes.Buffer
	encoder := json.NewEncoder(&line)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return err
	}
	// JSON allows these control characters as they are, but a terminal may be where it is read.
	escaped := regexp.MustCompile(`[\x{7f}-\x{9f}]`).ReplaceAllStringFunc(line.String(), func(c string) string {
		return fmt.Sprintf(`\u%04x`, []rune(c)[0])
	})
	_, err := io.WriteString(a.out, escaped)
	return err
}

// progress returns the progress line, silent when no person watches.
func (a *app) progress() *terminal.Progress { return terminal.NewProgress(a.err) }

// maxShown is how much is shown of a text that somebody else wrote.
const maxShown = 300

// plain makes a foreign text fit to be shown in a line.
func plain(s string) string {
	s = terminal.Printable(s)
	if runes := []rune(s); len(runes) > maxShown {
		return string(runes[:maxShown]) + "..."
	}
	return s
}

// askCode returns what asks a person for the code of an MFA device; without a terminal nobody can be asked.
func (a *app) askCode(ctx context.Context) func() (string, error) {
	return func() (string, error) {
		code, err := a.ask(ctx, a.in, a.err, "The code of your MFA device: ")
		if errors.Is(err, terminal.ErrNoTerminal) {
			return "", explain.ErrNoMFACode
		}
		return code, err
	}
}
