package mark

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// MaxBytes is the largest body that is read as a mark.
const MaxBytes = 64 << 10

// maxNamed bounds how many repeated names one answer lists, and maxName how much of each.
const (
	maxNamed = 10
	maxName  = 64
)

// ReadBody reads the body of an HTTP request, {"id": 5208, "read": true}; the path has named the reader.
// Its error is always an *InvalidError that lists every fault.
func ReadBody(body []byte, reader Reader) (Mark, error) {
	m := Mark{Reader: reader}
	err := m.read(body, (*Mark).setID, (*Mark).setRead, (*Mark).setAsOf)
	return m, err
}

// ReadMessage reads the body of a queue message, {"id": 5208, "reader": "agent", "read": true}.
// Its error is always an *InvalidError that lists every fault.
func ReadMessage(body []byte) (m Mark, err error) {
	err = m.read(body, (*Mark).setID, (*Mark).setReader, (*Mark).setRead, (*Mark).setAsOf)
	return m, err
}

// values are an object's raw values by name.
type values map[string][]byte

// read sets the fields that the setters read; with a fault it leaves the zero mark.
func (m *Mark) read(body []byte, setters ...func(*Mark, values) *Fault) error {
	v, faults := scan(body)
	if v != nil {
		for _, set := range setters {
			if fault := set(m, v); fault != nil {
				faults = append(faults, *fault)
			}
		}
	}
	if len(faults) > 0 {
		*m = Mark{}
		return &InvalidError{faults}
	}
	return nil
}

// scan takes the body apart. Without values the body is no JSON object at all.
// Unmarshal would not do: it takes names in any case, and lets the last of two with the same name count.
func scan(body []byte) (found values, faults []Fault) {
	if fault := checkWhole(body); fault != "" {
		return nil, []Fault{{Message: fault}}
	}
	found = make(values, 4)
	decoder := json.NewDecoder(bytes.NewReader(body)) // its errors cannot occur: the body is a valid JSON object
	_, _ = decoder.Token()
	var skipped json.RawMessage
	for decoder.More() {
		start := decoder.InputOffset()
		token, _ := decoder.Token()
		name, _ := token.(string)
		nameEnd := decoder.InputOffset()
		_ = decoder.Decode(&skipped)
		key := name
		if strings.ContainsRune(name, utf8.RuneError) { // different lone surrogates all decode to it
			_, key, _ = strings.Cut(string(body[start:nameEnd]), `"`)
		}
		if _, twice := found[key]; twice && len(faults) < maxNamed {
			faults = append(faults, Fault{knownField(name), fmt.Sprintf("the name %s stands twice", quoted(name))})
		}
		found[key] = bytes.TrimLeft(body[nameEnd:decoder.InputOffset()], ": \t\r\n")
	}
	return found, faults
}

func checkWhole(body []byte) string {
	switch trimmed := bytes.TrimLeft(body, " \t\r\n"); {
	case len(trimmed) == 0:
		return "the body is empty: it must be one JSON object"
	case len(body) > MaxBytes:
		return "the body is larger than 64 KiB"
	case bytes.HasPrefix(trimmed, []byte("\ufeff")):
		return "the body begins with a byte-order mark and is therefore not valid JSON: send it without one"
	case !utf8.Valid(body):
		return "the body is not valid UTF-8"
	case !json.Valid(body):
		return "the body is not valid JSON: it must be one JSON object and nothing after it"
	case trimmed[0] != '{':
		return "the body must be one JSON object"
	}
	return ""
}

func (m *Mark) setID(v values) *Fault {
	raw, ok := v["id"]
	if !ok {
		return missing("id")
	}
	id, err := strconv.ParseInt(string(raw), 10, 64) // refuses 5208.0 and 1e3, which are not written as integers
	if err != nil || id < 1 {
		return &Fault{"id", "id must be an integer from 1 to 9223372036854775807, written as one"}
	}
	m.ID = id
	return nil
}

func (m *Mark) setReader(v values) *Fault {
	raw, ok := v["reader"]
	if !ok {
		return missing("reader")
	}
	if m.Reader = Reader(text(raw)); m.Reader != Agent && m.Reader != Customer {
		return &Fault{"reader", `reader must be "agent" or "customer"`}
	}
	return nil
}

func (m *Mark) setRead(v values) *Fault {
	raw, ok := v["read"]
	if !ok {
		return missing("read")
	}
	if m.Read = string(raw) == "true"; !m.Read && string(raw) != "false" {
		return &Fault{"read", "read must be true or false"}
	}
	return nil
}

func (m *Mark) setAsOf(v values) *Fault {
	raw, ok := v["asOf"]
	if !ok {
		return nil
	}
	if m.AsOf.Seconds, m.AsOf.Set = Seconds(raw); !m.AsOf.Set {
		return &Fault{"asOf", "asOf must be Unix seconds, as a number or in a string: 1 to 12 digits, then perhaps a point and 1 to 9 digits"}
	}
	return nil
}

// Seconds reads a time in HelpCrunch's own two forms, a JSON number or the same in a string: Unix seconds, 1 to 12 digits
// (in milliseconds there are more), and perhaps a fraction of 1 to 9 digits, which is cut off. It reports false for any
// other value.
func Seconds(value []byte) (int64, bool) {
	digits := string(value)
	if strings.HasPrefix(digits, `"`) {
		digits = text(value)
	}
	whole, fraction, hasPoint := strings.Cut(digits, ".")
	if !areDigits(whole, 12) || hasPoint && !areDigits(fraction, 9) {
		return 0, false
	}
	seconds, _ := strconv.ParseInt(whole, 10, 64) // twelve digits always fit
	return seconds, true
}

func areDigits(s string, most int) bool {
	return s != "" && len(s) <= most && strings.Trim(s, "0123456789") == ""
}

// text decodes a JSON string; any other value decodes to "".
func text(raw []byte) (s string) {
	_ = json.Unmarshal(raw, &s)
	return s
}

func missing(name string) *Fault {
	return &Fault{name, name + " is missing (names are matched in exactly this case)"}
}

func knownField(name string) string {
	switch name {
	case "id", "read", "reader", "asOf":
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
