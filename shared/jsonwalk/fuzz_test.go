package jsonwalk_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
	"unicode/utf8"

	"helpcrunch-mark-read/shared/jsonwalk"
)

type field struct{ name, value string }

// FuzzObject holds the walk against encoding/json's own reading of every valid object.
func FuzzObject(f *testing.F) {
	for _, seed := range []string{
		`{}`, ` { } `, `{"id": 5208, "reader": "agent", "read": true}`, "\t{\r\n\"a\"\n:\r1\t,\n\"a\" : -2.5e+10 }\n",
		`{"\u0069d":7,"\"":"\\","}":"]","a\/b":"\ud83d\ude00"}`, `{"x":{"y":[1,{"z":"}]\""}],"":null},"read":false}`,
		`{"a":[],"b":{},"c":[[]],"\ud800":"lone"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		if !utf8.Valid(body) || !json.Valid(body) || bytes.TrimLeft(body, " \t\r\n")[0] != '{' {
			return
		}
		var got []field
		for name, value := range jsonwalk.Object(body) {
			got = append(got, field{jsonwalk.Text(name), string(value)})
		}
		if want := byToken(body); !slices.Equal(got, want) {
			t.Fatalf("%q\nwalked as %q\nwant      %q", body, got, want)
		}
	})
}

// byToken takes an object apart with json.Decoder.
func byToken(body []byte) (fields []field) {
	decoder := json.NewDecoder(bytes.NewReader(body))
	_, _ = decoder.Token()
	for decoder.More() {
		name, _ := decoder.Token()
		var value json.RawMessage
		_ = decoder.Decode(&value)
		fields = append(fields, field{name.(string), string(value)})
	}
	return fields
}
