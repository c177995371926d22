package apikey_test

import (
	"strings"
	"testing"

	"helpcrunch-mark-read/shared/apikey"
	"helpcrunch-mark-read/shared/secret"
)

func TestParse(t *testing.T) {
	for _, tc := range []struct {
		name, content, want string
	}{
		{"plain", "abc-123", "abc-123"},
		{"every visible character", `!"#$%&'()*+,-./09:;<=>?@AZ[\]^_az|}~`, `!"#$%&'()*+,-./09:;<=>?@AZ[\]^_az|}~`},
		{"JSON", `{"apiKey":"abc-123"}`, "abc-123"},
		{"JSON with more", `{"apiKey": "abc-123", "apikey": "no", "user": 1}`, "abc-123"},
		{"JSON with space around the key", `{"apiKey":" \ufeff\tabc-123\n "}`, "abc-123"},
		{"JSON with escapes", `{"apiK\u0065y":"abc\/123"}`, "abc/123"},

		{"empty", "", ""},
		{"empty object", "{}", ""},
		{"no apiKey", `{"password":"SECRET"}`, ""},
		{"apiKey in another case", `{"apikey":"SECRET","APIKEY":"SECRET"}`, ""},
		{"apiKey is a number", `{"apiKey":77777}`, ""},
		{"apiKey is null", `{"apiKey":null}`, ""},
		{"apiKey is a list", `{"apiKey":["SECRET"]}`, ""},
		{"apiKey is empty", `{"apiKey":""}`, ""},
		{"apiKey is only space", `{"apiKey":" \n"}`, ""},
		{"broken JSON", `{"apiKey":"SECRET"`, ""},
		{"JSON and more", `{"apiKey":"SECRET"} SECRET`, ""},
		{"space inside", "SECRET SECRET", ""},
		{"newline inside", "SECRET\nX-Header: SECRET", ""},
		{"newline inside of apiKey", `{"apiKey":"SECRET\r\nSECRET"}`, ""},
		{"not ASCII", "SECRET\u00e9", ""},
		{"a control character", "SECRET\x7f", ""},
		{"NUL", "SECRET\x00", ""},
		{"binary", "SECRET\xff\xfe", ""},
		{"a byte-order mark inside", "SEC\ufeffRET", ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := apikey.Parse(secret.Trim(tc.content))
			if got != tc.want || (err == nil) != (tc.want != "") {
				t.Errorf("Parse = %q, %v; want %q", got, err, tc.want)
			}
			if err != nil && (strings.Contains(err.Error(), "SECRET") || strings.Contains(err.Error(), "77777")) {
				t.Errorf("the error quotes the content: %v", err)
			}
		})
	}
}
