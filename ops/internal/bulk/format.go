package bulk

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

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
