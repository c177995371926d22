// Package bulk reads many marks from a file and puts them on the queue, each once, in the file's order.
package bulk

import (
	"bufio"
	"errors"
	"io"

	"helpcrunch-mark-read/shared/mark"
)

// ErrQuotes says that a CSV file can't be read to its end, because of its quotes.
var ErrQuotes = errors.New("the file was not read to its end, because its quotes are wrong")

// visitor receives each line that is not blank: the mark, or why it is invalid. The error it returns ends the scan.
type visitor func(line int, m mark.Mark, fault error) error

// scan reads marks to the end, in bounded memory. With format "" the first character decides: a brace begins JSON lines. Its
// error is a *FormatError, ErrQuotes, the visitor's or the reader's.
func scan(r io.Reader, format Format, visit visitor) error {
	in := bufio.NewReaderSize(r, mark.MaxBytes+2)
	format, err := begin(in, format)
	switch {
	case err != nil:
		return err
	case format == JSONL:
		return scanLines(in, visit)
	}
	return scanCSV(in, visit)
}
