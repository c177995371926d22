package helpcrunch

import (
	"bytes"
	"encoding/json"
)

// maxEntries bounds what is read of a list that a stranger may have written, maxCode what counts as a code.
const (
	maxEntries = 1000
	maxCode    = 64
)

// parseErrors reads {"errors":[{"code","message"},...]}, keeping what can be read of a list that is only nearly so.
// inShape says that the body is that shape throughout: a list that is neither empty nor endless, each entry with a code.
func parseErrors(body []byte) (list []Error, inShape bool) {
	var envelope map[string]json.RawMessage // a map, because a struct's names would match in any case
	if json.Unmarshal(body, &envelope) != nil || !bytes.HasPrefix(envelope["errors"], []byte("[")) {
		return nil, false
	}
	// The list is known to be valid JSON. It is read one by one, because all at once it can take many times its size.
	entries := json.NewDecoder(bytes.NewReader(envelope["errors"]))
	_, _ = entries.Token()
	inShape = entries.More()
	for n := 0; entries.More(); n++ {
		if n == maxEntries {
			return list, false
		}
		var entry map[string]any
		_ = entries.Decode(&entry) // an entry that is no object has no code, which is what counts
		code, hasCode := entry["code"].(string)
		message, hasMessage := entry["message"].(string)
		inShape = inShape && hasCode && (hasMessage || entry["message"] == nil)
		if isCode(code) {
			list = append(list, Error{code, message})
		}
	}
	return list, inShape
}

// isCode keeps out what is no code but foreign text: codes go to logs, metrics and dead letters.
func isCode(s string) bool {
	for _, c := range []byte(s) {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-' || c == '.') {
			return false
		}
	}
	return s != "" && len(s) <= maxCode
}
