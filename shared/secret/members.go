package secret

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
)

// Member is a name and its value in a JSON object.
type Member struct {
	Name  string
	Value json.RawMessage
}

var errNoObject = errors.New("begins like a JSON object but is none")

// Members returns the members of a secret that is a JSON object, in order and with those that stand twice. Its error, to be
// read after "the secret", quotes nothing of the content.
func Members(content string) ([]Member, error) {
	decoder := json.NewDecoder(strings.NewReader(Trim(content)))
	if start, err := decoder.Token(); err != nil || start != json.Delim('{') {
		return nil, errNoObject
	}
	var members []Member
	for decoder.More() {
		var m Member
		name, err := decoder.Token()
		if err != nil || decoder.Decode(&m.Value) != nil {
			return nil, errNoObject
		}
		m.Name, _ = name.(string) // the decoder takes nothing else for a name
		members = append(members, m)
	}
	if _, err := decoder.Token(); err != nil { // the brace
		return nil, errNoObject
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errNoObject
	}
	return members, nil
}
