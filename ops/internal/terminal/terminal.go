// Package terminal knows whether a person is there: progress and prompts are for one, and for nobody else.
package terminal

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode"

	"golang.org/x/term"
)

// IsTerminal says whether a person reads or writes there.
func IsTerminal(stream any) bool {
	file, ok := stream.(interface{ Fd() uintptr })
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

// ReadAll reads to the end, which may not come before ctx's. Its error can be ctx's.
func ReadAll(ctx context.Context, in io.Reader) (string, error) {
	return unless(ctx, func() (string, error) {
		content, err := io.ReadAll(in)
		return string(content), err
	})
}

const maxSecret = 64 << 10 // bounds what is read as a secret: Secrets Manager's own limit

// Secret reads a secret: without echo from a person, and all of it from anything else. Its error can be ctx's.
func Secret(ctx context.Context, in io.Reader, out io.Writer, question string) (string, error) {
	if !IsTerminal(in) {
		return ReadAll(ctx, io.LimitReader(in, maxSecret))
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

// unless reads until ctx ends. A read can't be ended, so it is left behind; the command is about to end.
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

const (
	redrawEvery = 100 * time.Millisecond // keeps a fast loop from being slowed down by its own progress
	barWidth    = 30                     // the number of characters of a full bar
)

// Progress is one line that is drawn again and again. It is safe for concurrent use.
type Progress struct {
	mu    sync.Mutex
	out   io.Writer // nil: silent
	drawn time.Time
	width int
}

// NewProgress returns a progress line on out, which stays silent unless out is a terminal.
func NewProgress(out io.Writer) *Progress {
	if !IsTerminal(out) {
		return &Progress{}
	}
	return &Progress{out: out}
}

// Silent reports whether nobody is shown anything.
func (p *Progress) Silent() bool { return p.out == nil }

// Show draws how far a work is; outOf is 0 where nobody knows.
func (p *Progress) Show(what string, done, outOf int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.out == nil || time.Since(p.drawn) < redrawEvery && done != outOf {
		return
	}
	p.drawn = time.Now()
	p.write(line(what, done, outOf))
}

func line(what string, done, outOf int) string {
	if outOf <= 0 {
		return fmt.Sprintf("%d %s", done, what)
	}
	full := min(barWidth, barWidth*done/outOf)
	return fmt.Sprintf("[%s%s] %d of %d %s", strings.Repeat("#", full), strings.Repeat(".", barWidth-full), done, outOf, what)
}

// Clear takes the line away, before anything else is written.
func (p *Progress) Clear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.out != nil && p.width > 0 {
		p.write("")
	}
}

// write replaces the line; p.mu is held.
func (p *Progress) write(s string) {
	fmt.Fprintf(p.out, "\r%s%s", s, strings.Repeat(" ", max(0, p.width-len(s))))
	if s == "" {
		fmt.Fprint(p.out, "\r")
	}
	p.width = len(s)
}

// Count returns a number and what it counts, perhaps with the verb that follows in its forms for one and for more: "1 mark",
// "2 marks are".
func Count(n int, noun string, verb ...string) string {
	form := 0
	if n != 1 {
		form, noun = 1, noun+"s"
	}
	says := strconv.Itoa(n) + " " + noun
	if len(verb) > 0 {
		says += " " + verb[form]
	}
	return says
}
