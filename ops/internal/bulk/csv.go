package bulk

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"helpcrunch-mark-read/shared/mark"
)

var columns = []string{"id", "reader", "read", "asOf"} // what a record can say of a mark; every other column is a note of the file's owner

const maxRecord = 8 << 20 // bounds a record in memory. What is larger is text in quotes that are never closed.

var errRecord = errors.New("the record is larger than 8 MiB")

// scanCSV reads records. A quoted field may hold line breaks, and nothing inside quotes is ever a mark: where quotes are
// wrong, nobody knows what is inside, so that is the last thing visited, and ErrQuotes is returned.
func scanCSV(in io.Reader, visit visitor) error {
	limited := &io.LimitedReader{R: in}
	records := csv.NewReader(limited)
	records.FieldsPerRecord = -1
	records.ReuseRecord = true
	var header []string
	next := 1 // the first line after the last record
	for {
		limited.N = maxRecord
		fields, err := records.Read()
		syntax, _ := errors.AsType[*csv.ParseError](err)
		switch {
		case limited.N <= 0: // what was read then is cut off
			return badQuotes(next, errRecord, header, visit)
		case errors.Is(err, io.EOF):
			return nil
		case syntax != nil:
			return badQuotes(syntax.StartLine, syntax.Err, header, visit)
		case err != nil:
			return err
		}
		line, _ := records.FieldPos(0)
		text := strings.Join(fields, "")
		next = line + 1 + strings.Count(text, "\n")
		if strings.TrimSpace(text) == "" { // as the rows below a table that a spreadsheet exports
			continue
		}
		if header == nil {
			if header, err = readHeader(line, fields); err != nil {
				return err
			}
			continue
		}
		m, fault := readRecord(fields, header)
		if err := visit(line, m, fault); err != nil {
			return err
		}
	}
}

// badQuotes reports a record that is no CSV.
func badQuotes(line int, reason error, header []string, visit visitor) error {
	if header == nil {
		return &FormatError{line, headerWanted}
	}
	if err := visit(line, mark.Mark{}, fmt.Errorf("this is no CSV (%w): what is text and what is a mark can't be known from here on", reason)); err != nil {
		return err
	}
	return ErrQuotes
}

const headerWanted = "a CSV file begins with a line that names the columns id, reader and read, with commas between"

func readHeader(line int, fields []string) ([]string, error) {
	header := make([]string, len(fields))
	for i, name := range fields {
		name = strings.TrimSpace(name)
		if name != "" && slices.Contains(header, name) {
			return nil, &FormatError{line, fmt.Sprintf("the column %q stands twice", name)}
		}
		header[i] = name
	}
	if len(header) == 1 && strings.ContainsAny(header[0], ";\t") {
		return nil, &FormatError{line, headerWanted + ", not semicolons or tabs"}
	}
	for _, name := range columns {
		i := slices.IndexFunc(header, func(have string) bool { return strings.EqualFold(have, name) })
		switch {
		case i >= 0 && header[i] != name && !slices.Contains(header, name):
			return nil, &FormatError{line, fmt.Sprintf("%s; %q must be written %s", headerWanted, header[i], name)}
		case i < 0 && name != "asOf":
			return nil, &FormatError{line, headerWanted}
		}
	}
	return header, nil
}

// readRecord reads a mark through the reader of messages, so that one place decides what a mark is.
func readRecord(fields, header []string) (mark.Mark, error) {
	if len(fields) != len(header) {
		return mark.Mark{}, fmt.Errorf("the line has %d fields, the header %d", len(fields), len(header))
	}
	message := map[string]json.RawMessage{}
	for i, name := range header {
		field := strings.TrimSpace(fields[i])
		if slices.Contains(columns, name) && (name != "asOf" || field != "") {
			message[name] = value(name, field)
		}
	}
	body, err := json.Marshal(message)
	if err != nil {
		return mark.Mark{}, err
	}
	return mark.ReadMessage(body)
}

// value is a field as JSON. Only a whole number and a boolean stand as they are; everything else is a string, in which nothing
// can hide. Spreadsheets write TRUE and FALSE.
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
