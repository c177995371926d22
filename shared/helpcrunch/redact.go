package helpcrunch

import (
	"bytes"
	"slices"
	"strconv"
	"strings"
)

// withoutKey takes the key out of a list that goes to logs and dead letters.
func withoutKey(list []Error, key string) []Error {
	list = slices.DeleteFunc(list, func(e Error) bool { return strings.Contains(e.Code, key) })
	for i, e := range list {
		list[i].Message = strings.ReplaceAll(e.Message, key, "[the API key]")
		if holdsKey([]byte(list[i].Message), key) { // as JSON inside of the message
			list[i].Message = "[the API key stands in it]"
		}
	}
	return list
}

// holdsKey looks for the key as it is, and as it is when JSON's escapes are undone (PHP writes / as \/), as often as there
// are any: JSON can stand inside of a JSON string. They are undone without parsing, because a 2xx body is passed on also
// when it is no valid JSON.
func holdsKey(body []byte, key string) bool {
	if bytes.Contains(body, []byte(key)) {
		return true
	}
	if bytes.IndexByte(body, '\\') < 0 {
		return false
	}
	body = bytes.Clone(body)
	for bytes.IndexByte(body, '\\') >= 0 { // half of the backslashes at most remain each time
		body = unescape(body)
		if bytes.Contains(body, []byte(key)) {
			return true
		}
	}
	return false
}

// unescape undoes one level of JSON's escapes in place, as far as visible ASCII goes; the others become one byte that
// stands in no key.
func unescape(b []byte) []byte {
	to := b[:0]
	for i := 0; i < len(b); i++ {
		c := b[i]
		if c == '\\' && i+1 < len(b) {
			i++
			c = b[i]
			switch {
			case c == 'u' && i+4 < len(b):
				c = codePoint(b[i+1 : i+5])
				i += 4
			case bytes.IndexByte([]byte("bfnrtu"), c) >= 0:
				c = 0
			}
		} else if c == '\\' {
			c = 0
		}
		to = append(to, c)
	}
	return to
}

// codePoint reads four hexadecimal digits; 0 stands for what is no ASCII character.
func codePoint(digits []byte) byte {
	n, err := strconv.ParseUint(string(digits), 16, 16)
	if err != nil || n > '~' {
		return 0
	}
	return byte(n)
}
