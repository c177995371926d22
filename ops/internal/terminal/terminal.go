// Package terminal knows whether a person is there: progress and prompts are for one, and for nobody else.
package terminal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode"

	"golang.org/x/term"
)

// IsTerminal says whether a person reads or writes there.
func IsTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// Printable makes a foreign text fit to be shown: a terminal obeys control characters, and a line can pretend to be ours.
func Printable(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsPrint(c) {
			return c
		}
		return unicode.ReplacementChar
	}, s)
}

// ErrNoTerminal says that nobody can be asked.
var ErrNoTerminal = errors.New("nobody can be asked: the standard input is not a terminal")

// Ask writes a question and reads one line from a person. Its error is ErrNoTerminal when there is none, or ctx's.
func Ask(ctx context.Context, in io.Reader, out io.Writer, question string) (string, error) {
	if !IsTerminal(in) {
		return "", ErrNoTerminal
	}
	fmt.Fprint(out, question)
	return unless(ctx, func() (string, error) {
		answer, err := bufio.NewReader(in).ReadString('\n')
		return strings.TrimSpace(answer), err
	})
}

// maxSecret bounds what is read as a secret: Secrets Manager's own limit.
const maxSecret = 64 << 10

// Secret reads a secret: without echo from a person, and all of it from anything else. Its error can be ctx's.
func Secret(ctx context.Context, in io.Reader, out io.Writer, question string) (string, error) {
	if !IsTerminal(in) {
		return unless(ctx, func() (string, error) {
			content, err := io.ReadAll(io.LimitReader(in, maxSecret))
			return string(content), err
		})
	}
	fd := int(in.(*os.File).Fd())
	before, err := term.GetState(fd)
	if err != nil {
		return "", err
	}
	fmt.Fprint(out, question)
	defer fmt.Fprintln(out)
	defer func() { _ = term.Restore(fd, before) }() // a stop in the midst would leave the terminal without echo
	return unless(ctx, func() (string, error) {
		content, err := term.ReadPassword(fd)
		return string(content), err
	})
}

// unless reads until ctx ends. A read of a terminal can't be ended, so it is left behind; the command is about to end.
func unless(ctx context.Context, read func() (string, error)) (string, error) {
	type result struct {
		text string
		err  error
	}
	done := make(chan result, 1)
	go func() {
		text, err := read()
		done <- result{text, err}
	}()
	select {
	case r := <-done:
		return r.text, r.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
