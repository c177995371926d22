package helpcrunch

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"

	"helpcrunch-mark-read/shared/mark"
)

// chat is what is read of a Chat.
type chat struct {
	ID                    json.RawMessage `json:"id"`
	Errors                json.RawMessage `json:"errors"` // of an error, which is no Chat
	ReadByAgent           json.RawMessage `json:"readByAgent"`
	ReadByCustomer        json.RawMessage `json:"readByCustomer"`
	LastMessageAt         json.RawMessage `json:"lastMessageAt"`
	LastCustomerMessageAt json.RawMessage `json:"lastCustomerMessageAt"`
}

// chat reads the Chat of a 2xx body if one of the names is in it; what cannot be read stays empty. Of a body that was cut
// off, by HelpCrunch or because it is longer than what is kept, it reads what stands before the cut.
func (a *Answer) chat(names ...string) (c chat) {
	if !a.Success() || !slices.ContainsFunc(names, func(name string) bool { return bytes.Contains(a.Body, []byte(`"`+name+`"`)) }) {
		return c // encoding/json would take names in another case
	}
	body := withoutBOM(a.Body)
	if json.Unmarshal(body, &c) != nil {
		c = chat{} // what stands before a mistake is not believed
		if !a.Complete {
			_ = json.Unmarshal(beforeTheCut(body), &c)
		}
	}
	return c
}

// Flag returns the chat's flag for a reader as a 2xx body states it; known is false when the body cannot be read.
func (a *Answer) Flag(reader mark.Reader) (read, known bool) {
	flag := a.chat("readByAgent").ReadByAgent
	if reader == mark.Customer {
		flag = a.chat("readByCustomer").ReadByCustomer
	}
	return string(flag) == "true", string(flag) == "true" || string(flag) == "false"
}

// Newer reports whether the Chat in a 2xx body has a message for the reader, from the other side, that is newer than asOf
// (Unix seconds). An equal second is not newer, and neither is what cannot be read. An agent's newest message is only known
// where the chat's last message is not the customer's own.
func (a *Answer) Newer(reader mark.Reader, asOf int64) bool {
	c := a.chat("lastCustomerMessageAt", "lastMessageAt")
	theirs, known := unixSeconds(c.LastCustomerMessageAt)
	if reader != mark.Customer {
		return known && theirs > asOf
	}
	newest, newestKnown := unixSeconds(c.LastMessageAt)
	return newestKnown && newest > asOf && (known && newest > theirs || string(c.LastCustomerMessageAt) == "null")
}

// beforeTheCut returns an object that ends too early as one of the members that are whole.
func beforeTheCut(body []byte) []byte {
	decoder := json.NewDecoder(bytes.NewReader(body))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil
	}
	whole := decoder.InputOffset()
	for decoder.More() {
		var value json.RawMessage
		if _, err := decoder.Token(); err != nil || decoder.Decode(&value) != nil {
			break
		}
		whole = decoder.InputOffset()
	}
	return append(bytes.Clone(body[:whole]), '}')
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
