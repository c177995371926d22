package bulk

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"helpcrunch-mark-read/shared/mark"
)

// Format is how a file spells marks.
type Format string

// The formats that are read.
const (
	CSV   Format = "csv"   // a header of id, reader and read in any order, and a mark a line
	JSONL Format = "jsonl" // a queue message a line: {"id": 5208, "reader": "agent", "read": true}
)

// HeaderError says that a CSV file does not begin as one of marks.
type HeaderError struct{ Reason string }

func (e *HeaderError) Error() string { return "line 1: " + e.Reason }

// visitor receives each line that is not blank: the mark, or why it is invalid. The error it returns ends the scan.
type visitor func(line int, m mark.Mark, fault error) error

// scan reads marks to the end, in bounded memory. Its error is a *HeaderError, the visitor's or the reader's. With format ""
// the first line decides: one that begins with a brace is JSON.
func scan(r io.Reader, format Format, visit visitor) error {
	in := newLines(r)
	var header []string
	for {
		line, err := in.next()
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case errors.Is(err, errLong):
			if err := visit(in.number, mark.Mark{}, errLong); err != nil {
				return err
			}
			continue
		case err != nil:
			return err
		}
		trimmed := bytes.TrimSpace(line)
		if len(trimmed) == 0 {
			continue
		}
		if format == "" {
			format = detect(trimmed)
		}
		if format == CSV && header == nil {
			if header, err = readHeader(line); err != nil {
				return err
			}
			continue
		}
		m, fault := readLine(line, header)
		if err := visit(in.number, m, fault); err != nil {
			return err
		}
	}
}

func detect(first []byte) Format {
	if first[0] == '{' {
		return JSONL
	}
	return CSV
}

func readHeader(line []byte) ([]string, error) {
	const want = "a CSV file begins with a line that names the columns id, reader and read, with commas between"
	fields, err := fieldsOf(line)
	if err != nil {
		return nil, &HeaderError{want}
	}
	seen := map[string]bool{}
	for i, name := range fields {
		name = strings.TrimSpace(name)
		if seen[name] {
			return nil, &HeaderError{fmt.Sprintf("the column %q stands twice", name)}
		}
		fields[i], seen[name] = name, true
	}
	for _, name := range []string{"id", "reader", "read"} {
		if !seen[name] {
			return nil, &HeaderError{want}
		}
	}
	return fields, nil
}

// readLine reads a mark; a line with a header is CSV.
func readLine(line []byte, header []string) (mark.Mark, error) {
	if header == nil {
		return mark.ReadMessage(line)
	}
	fields, err := fieldsOf(line)
	if err != nil {
		return mark.Mark{}, err
	}
	if len(fields) != len(header) {
		return mark.Mark{}, fmt.Errorf("the line has %d fields, the header %d", len(fields), len(header))
	}
	message := map[string]json.RawMessage{}
	for i, name := range header {
		message[name] = value(name, strings.TrimSpace(fields[i]))
	}
	body, err := json.Marshal(message)
	if err != nil {
		return mark.Mark{}, err
	}
	return mark.ReadMessage(body)
}

// value is a field as JSON, so that one reader decides what a mark is. Only a whole number and a boolean stand as they are;
// everything else is a string, in which nothing can hide. Spreadsheets write TRUE and FALSE.
func value(name, field string) json.RawMessage {
	switch {
	case name == "id" && field != "" && strings.Trim(field, "0123456789") == "" && field[0] != '0',
		name == "read" && (field == "true" || field == "false"):
		return json.RawMessage(field)
	case name == "read" && (field == "TRUE" || field == "FALSE"):
		return json.RawMessage(strings.ToLower(field))
	}
	text, _ := json.Marshal(field) // a string can always be marshalled
	return text
}

// fieldsOf splits one line. Each is read by itself, because no field of a mark has a line break: a quote that is never
// closed spoils its own line and not the file.
func fieldsOf(line []byte) ([]string, error) {
	fields, err := csv.NewReader(bytes.NewReader(line)).Read()
	var syntax *csv.ParseError
	if errors.As(err, &syntax) {
		return nil, fmt.Errorf("the line is no CSV: %w", syntax.Err)
	}
	return fields, err
}
