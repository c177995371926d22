package helpcrunch

import (
	"bytes"
	"encoding/json"
	"slices"
)

// The codes of HelpCrunch's that its pages name and that decide something. No such chat is spelled in three ways, the first
// of them theirs.
const (
	CodeInvalidRequest  = "invalid_request"
	CodeUnauthorized    = "unauthorized"
	CodeInvalidToken    = "invalid_token"
	CodeTooManyRequests = "too_many_requests"
	CodeNotFount        = "not_fount"
	CodeNotFound        = "not_found"
	CodeChatNotFound    = "chat_not_found"
)

// maxEntries bounds what is read of a list that a stranger may have written, maxCode what counts as a code.
const (
	maxEntries = 1000
	maxCode    = 64
)

// readErrors reads the codes of a body that is no HTML page: those of {"errors":[{"code","message"},...]}, of which it keeps
// what can be read of a list that is only nearly so, or, in a body that is not valid JSON, the known codes in quotes.
// inShape reports that the body is that shape throughout: a list that is neither empty nor endless, each entry with a code.
func readErrors(body []byte) (list []Error, inShape bool) {
	text := withoutBOM(body)
	if !json.Valid(text) {
		return quotedCodes(text), false
	}
	list, inShape = parseErrors(text)
	return list, inShape && len(text) == len(body)
}

// parseErrors is readErrors for valid JSON.
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

// quotedCodes returns the known codes that stand in double quotes, in their order in the body, as in the 404 sample of
// HelpCrunch's documentation. (To sort them would add 10 KB to the binary.)
func quotedCodes(body []byte) []Error {
	var list []Error
	for {
		_, rest, found := bytes.Cut(body, []byte(`"`))
		if !found {
			return list
		}
		for _, code := range []string{
			CodeInvalidRequest, CodeUnauthorized, CodeInvalidToken, CodeTooManyRequests, CodeNotFount, CodeNotFound, CodeChatNotFound,
		} {
			if e := (Error{Code: code}); bytes.HasPrefix(rest, []byte(code+`"`)) && !slices.Contains(list, e) {
				list = append(list, e)
			}
		}
		body = rest
	}
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
