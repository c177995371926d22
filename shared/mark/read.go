package mark

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"unicode/utf8"
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
	fields, faults := scan(body)
	if fields != nil {
		faults = append(faults, checkID(fields)...)
		faults = append(faults, checkRead(fields)...)
	}
	if len(faults) > 0 {
		return Mark{}, &InvalidError{faults}
	}
	return Mark{ID: parseID(fields["id"]), Reader: reader, Read: isTrue(fields["read"])}, nil
}

// ReadMessage reads the body of a queue message, {"id": 5208, "reader": "agent", "read": true}.
// Its error is always an *InvalidError that names every fault.
func ReadMessage(body []byte) (Mark, error) {
	fields, faults := scan(body)
	if fields != nil {
		faults = append(faults, checkID(fields)...)
		faults = append(faults, checkReader(fields)...)
		faults = append(faults, checkRead(fields)...)
	}
	if len(faults) > 0 {
		return Mark{}, &InvalidError{faults}
	}
	return Mark{ID: parseID(fields["id"]), Reader: parseReader(fields["reader"]), Read: isTrue(fields["read"])}, nil
}

// scan takes the body apart into its names and raw values. Without fields the body is no JSON object at all.
func scan(body []byte) (map[string]json.RawMessage, []Fault) {
	if fault := checkWhole(body); fault != "" {
		return nil, []Fault{{Message: fault}}
	}
	fields := make(map[string]json.RawMessage, 4)
	var faults []Fault
	walk(body, func(name string, value json.RawMessage) {
		if _, twice := fields[name]; twice && len(faults) < maxNamed {
			faults = append(faults, Fault{knownField(name), fmt.Sprintf("the name %s stands twice", quoted(name))})
		}
		fields[name] = value
	})
	return fields, faults
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

func checkID(fields map[string]json.RawMessage) []Fault {
	raw, ok := fields["id"]
	switch {
	case !ok:
		return missing("id")
	case parseID(raw) == 0:
		return []Fault{{"id", "id must be an integer from 1 to 9223372036854775807, written as one"}}
	}
	return nil
}

func checkRead(fields map[string]json.RawMessage) []Fault {
	raw, ok := fields["read"]
	switch {
	case !ok:
		return missing("read")
	case !isTrue(raw) && string(raw) != "false":
		return []Fault{{"read", "read must be true or false"}}
	}
	return nil
}

func checkReader(fields map[string]json.RawMessage) []Fault {
	raw, ok := fields["reader"]
	switch {
	case !ok:
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
func parseID(raw json.RawMessage) int64 {
	id, err := strconv.ParseInt(string(raw), 10, 64)
	if err != nil || id < 1 {
		return 0
	}
	return id
}

func isTrue(raw json.RawMessage) bool { return string(raw) == "true" }

func parseReader(raw json.RawMessage) Reader {
	if len(raw) == 0 || raw[0] != '"' {
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
