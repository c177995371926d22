package simulator

import (
	"encoding/json"
	"strconv"
)

// maxRequest is how much of a request's body is looked at, in bytes.
const maxRequest = 64 << 10

// mark is what a request asks for. Fields that could not be read are zero, which is why hasRead stands beside read.
type mark struct {
	id      int64
	reader  string
	read    bool
	hasRead bool

	unknownNames bool // something stands beside id and read
}

// decodeMark reads the body of a mark strictly: what HelpCrunch might guess at is not documented, and a client that is
// misread here would be misread there. The list has one entry for each field that is wrong, and is nil when none is.
func decodeMark(body []byte, reader string) (mark, []apiError) {
	m := mark{reader: reader}
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil || fields == nil {
		return m, []apiError{{"body", "This value should be a JSON object."}}
	}
	for name := range fields {
		m.unknownNames = m.unknownNames || name != "id" && name != "read"
	}
	var wrong []apiError
	id, err := strconv.ParseInt(string(fields["id"]), 10, 64)
	switch {
	case blank(fields["id"]):
		wrong = append(wrong, apiError{"id", "This value should not be blank."})
	case err != nil || id < 1:
		wrong = append(wrong, apiError{"id", "This value should be of type numeric."})
	default:
		m.id = id
	}
	switch read := string(fields["read"]); {
	case blank(fields["read"]):
		wrong = append(wrong, apiError{"read", "This value should not be blank."})
	case read != "true" && read != "false":
		wrong = append(wrong, apiError{"read", "This value should be of type bool."})
	default:
		m.read, m.hasRead = read == "true", true
	}
	return m, wrong
}

func blank(raw json.RawMessage) bool { return raw == nil || string(raw) == "null" }
