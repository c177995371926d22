package helpcrunch

import (
	"bytes"
	"encoding/json"
	"iter"
	"strconv"
	"strings"

	"helpcrunch-mark-read/shared/jsonwalk"
	"helpcrunch-mark-read/shared/mark"
)

// Flag returns the chat's flag for a reader as a 2xx body states it; known is false when the body cannot be read.
func (a *Answer) Flag(reader mark.Reader) (read, known bool) {
	name := "readByAgent"
	if reader == mark.Customer {
		name = "readByCustomer"
	}
	value, _ := a.members(name, "")
	return string(value) == "true", string(value) == "true" || string(value) == "false"
}

// Newer reports whether the Chat in a 2xx body has a message for the reader, from the other side, that is newer than asOf
// (Unix seconds). An equal second is not newer, and neither is what cannot be read. An agent's newest message is only known
// where the chat's last message is not the customer's own.
func (a *Answer) Newer(reader mark.Reader, asOf int64) bool {
	customers, last := a.members("lastCustomerMessageAt", "lastMessageAt")
	theirs, known := unixSeconds(customers)
	if reader != mark.Customer {
		return known && theirs > asOf
	}
	newest, newestKnown := unixSeconds(last)
	return newestKnown && newest > asOf && (known && newest > theirs || string(customers) == "null")
}

// members returns the values of two of a 2xx body's own members, nil for one that it does not have. Of a body that was cut
// off, by HelpCrunch or because it is longer than what is kept, it returns what stands before the cut.
func (a *Answer) members(first, second string) (one, two []byte) {
	if !a.Success() {
		return nil, nil
	}
	keep := func(name, value []byte) {
		switch string(name) {
		case first:
			one = value
		case second:
			two = value
		}
	}
	if body := withoutBOM(a.Body); isObject(body) {
		for name, value := range jsonwalk.Object(body) {
			keep(name[1:len(name)-1], value) // HelpCrunch escapes nothing in its names
		}
	} else if !a.Complete {
		for name, value := range beforeTheCut(body) {
			keep(name, value)
		}
	}
	return one, two
}

// beforeTheCut returns each name and value of an object that ends too early.
func beforeTheCut(body []byte) iter.Seq2[[]byte, []byte] {
	return func(yield func(name, value []byte) bool) {
		decoder := json.NewDecoder(bytes.NewReader(body))
		if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
			return
		}
		for decoder.More() {
			name, err := decoder.Token()
			text, ok := name.(string)
			var value json.RawMessage
			if err != nil || !ok || decoder.Decode(&value) != nil || !yield([]byte(text), value) {
				return
			}
		}
	}
}

// maxDigits is how many digits a time in Unix seconds has at most; in milliseconds it has one more.
const maxDigits = 12

// unixSeconds reads HelpCrunch's form of a time: Unix seconds as a JSON number or in a string, perhaps with a fraction, which is
// cut off. It reports false for anything else, null among it.
func unixSeconds(value []byte) (int64, bool) {
	text := string(value)
	if len(text) > 1 && text[0] == '"' {
		text = text[1 : len(text)-1] // digits are never escaped
	}
	whole, fraction, hasFraction := strings.Cut(text, ".")
	if !isDigits(whole) || len(whole) > maxDigits || hasFraction && !isDigits(fraction) {
		return 0, false
	}
	n, err := strconv.ParseInt(whole, 10, 64)
	return n, err == nil
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func withoutBOM(body []byte) []byte { return bytes.TrimPrefix(body, []byte("\ufeff")) }

// isObject reports whether the body is one JSON object.
func isObject(body []byte) bool {
	return bytes.HasPrefix(bytes.TrimLeft(body, " \t\r\n"), []byte("{")) && json.Valid(body)
}
