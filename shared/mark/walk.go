package mark

import (
	"bytes"
	"encoding/json"
)

// walk calls yield with each name and raw value of a JSON object, in order. The object must be known to be valid UTF-8 and
// JSON: nothing is checked again. It is done by hand because encoding/json's tokens take ten times the allocations, which
// were a quarter of all that a queued mark took; Unmarshal folds case and lets the last of two names win.
func walk(object []byte, yield func(name string, value json.RawMessage)) {
	i := space(object, space(object, 0)+1) // past the brace
	for object[i] != '}' {
		nameEnd := stringEnd(object, i)
		start := space(object, space(object, nameEnd)+1) // past the colon
		end := valueEnd(object, start)
		yield(text(object[i:nameEnd]), object[start:end])
		if i = space(object, end); object[i] == ',' {
			i = space(object, i+1)
		}
	}
}

// space gives where the white space that may begin at i ends.
func space(b []byte, i int) int {
	for b[i] == ' ' || b[i] == '\n' || b[i] == '\r' || b[i] == '\t' {
		i++
	}
	return i
}

// stringEnd gives the end of the string that begins at i.
func stringEnd(b []byte, i int) int {
	for i++; b[i] != '"'; i++ {
		if b[i] == '\\' {
			i++
		}
	}
	return i + 1
}

// valueEnd gives the end of the value that begins at i.
func valueEnd(b []byte, i int) int {
	switch b[i] {
	case '"':
		return stringEnd(b, i)
	case '{', '[':
		return nestedEnd(b, i)
	}
	return i + bytes.IndexAny(b[i:], ",} \n\r\t") // a number or a word
}

// nestedEnd gives the end of the object or array that begins at i.
func nestedEnd(b []byte, i int) int {
	for depth := 0; ; i++ {
		switch b[i] {
		case '"':
			i = stringEnd(b, i) - 1
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
}

// text gives what a JSON string says. Names that are known cost no allocation.
func text(raw []byte) string {
	switch string(raw) {
	case `"id"`:
		return "id"
	case `"read"`:
		return "read"
	case `"reader"`:
		return "reader"
	}
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1])
	}
	var said string
	_ = json.Unmarshal(raw, &said) // it is a valid string
	return said
}
