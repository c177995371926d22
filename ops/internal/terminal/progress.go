package terminal

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"
)

// redrawEvery keeps a fast loop from being slowed down by its own progress.
const redrawEvery = 100 * time.Millisecond

// barWidth is the number of characters of a full bar.
const barWidth = 30

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
