// Package bulk reads many marks from a file and puts them on the queue, each once, in the file's order.
package bulk

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"helpcrunch-mark-read/shared/mark"
)

// errLong is for a line that can't be a mark for its length alone.
var errLong = errors.New("the line is larger than 64 KiB")

// lines returns the lines of a file, one after another, in bounded memory.
type lines struct {
	r      *bufio.Reader
	number int // of the line that next gave, from 1
}

func newLines(r io.Reader) *lines { return &lines{r: bufio.NewReaderSize(r, mark.MaxBytes+2)} }

// next returns a line without its end. A line that is too long is errLong, and the one after it can be read; io.EOF is the end.
// The line is valid until the next call.
func (l *lines) next() ([]byte, error) {
	line, long, err := l.r.ReadLine()
	if err != nil {
		return nil, err
	}
	l.number++
	if l.number == 1 {
		line = bytes.TrimPrefix(line, []byte("\ufeff")) // spreadsheets write one
	}
	if !long {
		return line, nil
	}
	for long && err == nil {
		_, long, err = l.r.ReadLine()
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return nil, errLong
}
