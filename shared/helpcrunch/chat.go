package helpcrunch

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"helpcrunch-mark-read/shared/mark"
)

// chat returns the members of the Chat in a 2xx body, or none where none of the names can be among them. Of a body that was
// cut off, by HelpCrunch or because it is longer than what is kept, it returns those before the cut; what stands before a
// mistake is not believed. A map, because a struct's names would match in any case.
func (a *Answer) chat(names ...string) (members map[string]json.RawMessage) {
	if !a.Success() || !slices.ContainsFunc(names, func(name string) bool { return bytes.Contains(a.Body, []byte(`"`+name+`"`)) }) {
		return nil
	}
	body := withoutBOM(a.Body)
	if json.Unmarshal(body, &members) == nil {
		return members
	}
	if a.Complete {
		return nil
	}
	return beforeTheCut(body)
}

// Flag returns the chat's flag for a reader as a 2xx body states it; known is false when the body cannot be read.
func (a *Answer) Flag(reader mark.Reader) (read, known bool) {
	name := "readByAgent"
	if reader == mark.Customer {
		name = "readByCustomer"
	}
	flag := string(a.chat(name)[name])
	return flag == "true", flag == "true" || flag == "false"
}

// Newer reports whether the Chat in a 2xx body has a message for the reader, from the other side, that is newer than asOf
// (Unix seconds). An equal second is not newer, and neither is what cannot be read. An agent's newest message is only known
// where the chat's last message is not the customer's own.
func (a *Answer) Newer(reader mark.Reader, asOf int64) bool {
	c := a.chat("lastCustomerMessageAt", "lastMessageAt")
	customers := c["lastCustomerMessageAt"]
	theirs, known := mark.Seconds(customers)
	if reader != mark.Customer {
		return known && theirs > asOf
	}
	newest, newestKnown := mark.Seconds(c["lastMessageAt"])
	return newestKnown && newest > asOf && (known && newest > theirs || string(customers) == "null")
}

// beforeTheCut returns the whole members of an object that ends too early. A number at the very end may have lost digits.
func beforeTheCut(body []byte) map[string]json.RawMessage {
	decoder := json.NewDecoder(bytes.NewReader(body))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil
	}
	members := map[string]json.RawMessage{}
	for decoder.More() {
		token, err := decoder.Token()
		name, _ := token.(string)
		var value json.RawMessage
		if err != nil || decoder.Decode(&value) != nil || decoder.InputOffset() == int64(len(body)) && isDigits(string(value[len(value)-1:])) {
			break
		}
		members[name] = value
	}
	return members
}

func isDigits(s string) bool { return s != "" && strings.Trim(s, "0123456789") == "" }

func withoutBOM(body []byte) []byte { return bytes.TrimPrefix(body, []byte("\ufeff")) }
