package mark

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"

	"helpcrunch-mark-read/shared/jsonwalk"
)

// MaxBytes is the largest body that is read as a mark.
const MaxBytes = 64 << 10

// maxNamed bounds how many repeated names one answer lists, and maxName how much of each.
const (
	maxNamed = 10
	maxName  = 64
)

// ReadBody reads the body of an HTTP request, {"id": 5208, "read": true}; the path has said the reader.
// Its error is always an *InvalidError that names every fault.
func ReadBody(body []byte, reader Reader) (Mark, error) {
	f, faults := scan(body)
	if f != nil {
		faults = append(faults, checkID(f.id)...)
		faults = append(faults, checkRead(f.read)...)
	}
	if len(faults) > 0 {
		return Mark{}, &InvalidError{faults}
	}
	return Mark{ID: parseID(f.id), Reader: reader, Read: isTrue(f.read)}, nil
}

// ReadMessage reads the body of a queue message, {"id": 5208, "reader": "agent", "read": true}.
// Its error is always an *InvalidError that names every fault.
func ReadMessage(body []byte) (Mark, error) {
	f, faults := scan(body)
	if f != nil {
		faults = append(faults, checkID(f.id)...)
		faults = append(faults, checkReader(f.reader)...)
		faults = append(faults, checkRead(f.read)...)
	}
	if len(faults) > 0 {
		return Mark{}, &InvalidError{faults}
	}
	return Mark{ID: parseID(f.id), Reader: parseReader(f.reader), Read: isTrue(f.read)}, nil
}

// fields are a body's values as they stand there, nil where there is none, and the names that mean nothing here.
type fields struct {
	id, read, reader []byte
	others           map[string]bool
}

// scan takes the body apart. Without fields the body is no JSON object at all.
func scan(body []byte) (*fields, []Fault) {
	if fault := checkWhole(body); fault != "" {
		return nil, []Fault{{Message: fault}}
	}
	f := new(fields)
	var faults []Fault
	for raw, value := range jsonwalk.Object(body) {
		name := text(raw)
		if !f.set(name, value) && len(faults) < maxNamed {
			faults = append(faults, Fault{knownField(name), fmt.Sprintf("the name %s stands twice", quoted(name))})
		}
	}
	return f, faults
}

// set says whether the name stood there for the first time.
func (f *fields) set(name string, value []byte) bool {
	var field *[]byte
	switch name {
	case "id":
		field = &f.id
	case "read":
		field = &f.read
	case "reader":
		field = &f.reader
	default:
		if f.others == nil {
			f.others = map[string]bool{}
		}
		twice := f.others[name]
		f.others[name] = true
		return !twice
	}
	twice := *field != nil
	*field = value
	return !twice
}

// text gives what a JSON string says. What is expected here costs no allocation.
func text(raw []byte) string {
	for _, known := range [...]string{"id", "read", "reader", string(Agent), string(Customer)} {
		if string(raw[1:len(raw)-1]) == known {
			return known
		}
	}
	return jsonwalk.Text(raw)
}

func checkWhole(body []byte) string {
	switch trimmed := bytes.TrimLeft(body, " \t\r\n"); {
	case len(trimmed) == 0:
		return "the body is empty: it must be one JSON object"
	case len(body) > MaxBytes:
		return "the body is larger than 64 KiB"
	case !utf8.Valid(body):
		return "the body is not valid UTF-8"
	case !json.Valid(body):
		return "the body is not valid JSON: it must be one JSON object and nothing after it"
	case trimmed[0] != '{':
		return "the body must be one JSON object"
	}
	return ""
}

func checkID(raw []byte) []Fault {
	switch {
	case raw == nil:
		return missing("id")
	case parseID(raw) == 0:
		return []Fault{{"id", "id must be an integer from 1 to 9223372036854775807, written as one"}}
	}
	return nil
}

func checkRead(raw []byte) []Fault {
	switch {
	case raw == nil:
		return missing("read")
	case !isTrue(raw) && string(raw) != "false":
		return []Fault{{"read", "read must be true or false"}}
	}
	return nil
}

func checkReader(raw []byte) []Fault {
	switch {
	case raw == nil:
		return missing("reader")
	case parseReader(raw) == "":
		return []Fault{{"reader", `reader must be "agent" or "customer"`}}
	}
	return nil
}

func missing(name string) []Fault {
	return []Fault{{name, name + " is missing (names are matched in exactly this case)"}}
}

// parseID gives 0 for all that is not an integer from 1 to 2^63-1 written as one: 5208.0 and 1e3 are none.
func parseID(raw []byte) int64 {
	id, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil || id < 1 {
		return 0
	}
	return id
}

func isTrue(raw []byte) bool { return string(raw) == "true" }

func parseReader(raw []byte) Reader {
	if raw[0] != '"' {
		return ""
	}
	if r := Reader(text(raw)); r == Agent || r == Customer {
		return r
	}
	return ""
}

func knownField(name string) string {
	if name == "id" || name == "read" || name == "reader" {
		return name
	}
	return ""
}

// quoted shows a name that a stranger chose: escaped, and cut where it is long.
func quoted(name string) string {
	if len(name) > maxName {
		name = name[:maxName] + "..."
	}
	return strconv.QuoteToASCII(name)
}
