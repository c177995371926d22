// Package bulk reads many marks from a file and puts them on the queue, each once, in the file's order.
package bulk

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
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

// Format is how a file spells marks.
type Format string

// The formats that are read. Both may carry a bound, asOf.
const (
	CSV   Format = "csv"   // a header of id, reader and read in any order, and a mark a record
	JSONL Format = "jsonl" // a queue message a line: {"id": 5208, "reader": "agent", "read": true}
)

// FormatError says why a whole file can't be read as marks.
type FormatError struct {
	Line   int
	Reason string
}

func (e *FormatError) Error() string { return fmt.Sprintf("line %d: %s", e.Line, e.Reason) }

// begin skips a byte-order mark and returns the format: as wanted, and otherwise as the first character says. Its error is a
// *FormatError or the reader's.
func begin(in *bufio.Reader, wanted Format) (Format, error) {
	start, err := in.Peek(in.Size())
	if err != nil && !errors.Is(err, io.EOF) {
		return "", err
	}
	if bytes.HasPrefix(start, []byte("\xff\xfe")) || bytes.HasPrefix(start, []byte("\xfe\xff")) || bytes.IndexByte(start[:min(len(start), 4)], 0) >= 0 {
		return "", &FormatError{1, "the file is UTF-16: save it as UTF-8 (in Excel: \"CSV UTF-8\")"}
	}
	if rest, ok := bytes.CutPrefix(start, []byte("\ufeff")); ok { // spreadsheets write one
		if _, err := in.Discard(len(start) - len(rest)); err != nil {
			return "", err
		}
		start = rest
	}
	if wanted != "" {
		return wanted, nil
	}
	return detect(start)
}

func detect(start []byte) (Format, error) {
	trimmed := bytes.TrimLeft(start, " \t\r\n")
	line := 1 + bytes.Count(start[:len(start)-len(trimmed)], []byte("\n"))
	first, _, _ := bytes.Cut(trimmed, []byte("\n"))
	first = bytes.TrimSpace(first)
	switch {
	case bytes.HasPrefix(first, []byte("[")):
		return "", &FormatError{line, "the file is a JSON array: write one object a line instead, for example with jq -c '.[]'"}
	case bytes.Equal(first, []byte("{")):
		return "", &FormatError{line, "a JSON object goes over several lines: write one object a line instead, for example with jq -c ."}
	case bytes.HasPrefix(first, []byte("{")):
		return JSONL, nil
	}
	return CSV, nil
}

var errLong = errors.New("the line is larger than 64 KiB")

// scanLines reads JSON lines in bounded memory.
func scanLines(in *bufio.Reader, visit visitor) error {
	for number := 1; ; number++ {
		line, err := nextLine(in)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && !errors.Is(err, errLong):
			return err
		case err == nil && len(bytes.TrimSpace(line)) == 0:
			continue
		}
		var m mark.Mark
		if err == nil {
			m, err = mark.ReadMessage(line)
		}
		if err := visit(number, m, err); err != nil {
			return err
		}
	}
}

// nextLine returns a line without its end, valid until the next call. A line that is too long is errLong, and the one after it
// can be read; io.EOF is the end.
func nextLine(in *bufio.Reader) ([]byte, error) {
	line, long, err := in.ReadLine()
	if err != nil || !long {
		return line, err
	}
	for long && err == nil {
		_, long, err = in.ReadLine()
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return nil, errLong
}
