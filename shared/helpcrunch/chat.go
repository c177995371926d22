package helpcrunch

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"helpcrunch-mark-read/shared/mark"
)

// members are those of a Chat that are read here.
type members struct {
	ID                    json.RawMessage `json:"id"`
	Errors                json.RawMessage `json:"errors"`
	ReadByAgent           json.RawMessage `json:"readByAgent"`
	ReadByCustomer        json.RawMessage `json:"readByCustomer"`
	LastCustomerMessageAt json.RawMessage `json:"lastCustomerMessageAt"`
	LastMessageAt         json.RawMessage `json:"lastMessageAt"`
}

// chat returns the members of the Chat in a 2xx body, or none where none of the names can be among them. Of a body that was
// cut off, by HelpCrunch or because it is longer than what is kept, it returns those before the cut; what stands before a
// mistake is not believed.
func (a *Answer) chat(names ...string) (m members) {
	if !a.Success() || !slices.ContainsFunc(names, func(name string) bool { return bytes.Contains(a.Body, []byte(`"`+name+`"`)) }) {
		return members{}
	}
	body := withoutBOM(a.Body)
	if !mayMisname(body) && json.Unmarshal(body, &m) == nil {
		return m
	}
	if a.Complete && !json.Valid(body) {
		return members{}
	}
	all := beforeTheCut(body) // with names in exactly their case, for 75 allocations more
	return members{all["id"], all["errors"], all["readByAgent"], all["readByCustomer"], all["lastCustomerMessageAt"], all["lastMessageAt"]}
}

// mayMisname reports whether a name can stand in the body in another case, which a struct's names match too: as it is, with
// an escaped letter, or with one of the two letters outside of ASCII that fold to one inside.
func mayMisname(body []byte) bool {
	for _, letter := range []string{"\u017f", "\u212a", `\u004`, `\u005`, `\u006`, `\u007`, `\u017`, `\u212`} {
		if bytes.Contains(body, []byte(letter)) {
			return true
		}
	}
	for {
		_, rest, found := bytes.Cut(body, []byte(`"`))
		if !found {
			return false
		}
		for _, name := range []string{"id", "errors", "readByAgent", "readByCustomer", "lastCustomerMessageAt", "lastMessageAt"} {
			if len(rest) > len(name) && rest[len(name)] == '"' && string(rest[:len(name)]) != name && strings.EqualFold(string(rest[:len(name)]), name) {
				return true
			}
		}
		body = rest
	}
}

// Flag returns the chat's flag for a reader as a 2xx body states it; known is false when the body cannot be read.
func (a *Answer) Flag(reader mark.Reader) (read, known bool) {
	m := a.chat("readByAgent", "readByCustomer")
	flag := string(m.ReadByAgent)
	if reader == mark.Customer {
		flag = string(m.ReadByCustomer)
	}
	return flag == "true", flag == "true" || flag == "false"
}

// Newer reports whether the Chat in a 2xx body has a message for the reader, from the other side, that is newer than asOf
// (Unix seconds). An equal second is not newer, and neither is what cannot be read. An agent's newest message is only known
// where the chat's last message is not the customer's own.
func (a *Answer) Newer(reader mark.Reader, asOf int64) bool {
	c := a.chat("lastCustomerMessageAt", "lastMessageAt")
	customers := c.LastCustomerMessageAt
	theirs, known := mark.Seconds(customers)
	if reader != mark.Customer {
		return known && theirs > asOf
	}
	newest, newestKnown := mark.Seconds(c.LastMessageAt)
	return newestKnown && newest > asOf && (known && newest > theirs || string(customers) == "null")
}

// beforeTheCut returns the whole members of an object that may end too early. A number at the very end may have lost digits.
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
