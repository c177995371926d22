package helpcrunch

import (
	"bytes"
	"encoding/json"
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
	value := string(a.chat(name)[0])
	return value == "true", value == "true" || value == "false"
}

// Newer reports whether the Chat in a 2xx body has a message for the reader, from the other side, that is newer than asOf
// (Unix seconds). An equal second is not newer, and neither is what cannot be read. A customer's newest is only known where
// the chat's last message is not the customer's own.
func (a *Answer) Newer(reader mark.Reader, asOf int64) bool {
	values := a.chat("lastCustomerMessageAt", "lastMessageAt")
	customers, known := unixSeconds(values[0])
	if reader != mark.Customer {
		return known && customers > asOf
	}
	last, lastKnown := unixSeconds(values[1])
	return lastKnown && last > asOf && (known && last > customers || string(values[0]) == "null")
}

// chat returns the values of a 2xx body's own members with these names, nil for those it does not have. Of a body that was
// cut off, by HelpCrunch or because it is longer than what is kept, it returns those that stand before the cut.
func (a *Answer) chat(names ...string) [][]byte {
	values := make([][]byte, len(names))
	if !a.Success() {
		return values
	}
	keep := func(name, value []byte) {
		for i := range names {
			if names[i] == string(name) {
				values[i] = value
			}
		}
	}
	body := withoutBOM(a.Body)
	switch {
	case isObject(body):
		for name, value := range jsonwalk.Object(body) {
			keep(name[1:len(name)-1], value) // HelpCrunch escapes no names
		}
	case !a.Complete:
		membersBeforeTheCut(body, keep)
	}
	return values
}

// membersBeforeTheCut reads an object that ends too early.
func membersBeforeTheCut(body []byte, keep func(name, value []byte)) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return
	}
	for decoder.More() {
		name, err := decoder.Token()
		text, ok := name.(string)
		if err != nil || !ok {
			return
		}
		var value json.RawMessage
		if decoder.Decode(&value) != nil {
			return
		}
		keep([]byte(text), value)
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
