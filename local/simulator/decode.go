package simulator

import (
	"encoding/json"
	"strconv"
)

// maxRequest is how much of a request's body is looked at, in bytes.
const maxRequest = 64 << 10

// mark is what a request asks for. Fields that could not be read are zero.
type mark struct {
	id           int64
	read         *bool
	unknownNames bool // something stands beside id and read
}

// decodeMark reads the body of a mark strictly: what HelpCrunch might guess at is not documented, and a client that is
// misread here would be misread there. The list has one entry for each field that is wrong, and is nil when none is.
func decodeMark(body []byte) (m mark, wrong []apiError) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(body, &fields) != nil || fields == nil {
		return m, []apiError{{"body", "This value should be a JSON object."}}
	}
	for name := range fields {
		m.unknownNames = m.unknownNames || name != "id" && name != "read"
	}
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
		m.read = new(read == "true")
	}
	return m, wrong
}

func blank(raw json.RawMessage) bool { return raw == nil || string(raw) == "null" }
