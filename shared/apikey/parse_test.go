package apikey_test

import (
	"strings"
	"testing"

	"helpcrunch-mark-read/shared/apikey"
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
		{"white space and a byte-order mark around", "\ufeff abc-123 \r\n", "abc-123"},
		{"a JSON string", `"abc-123"`, "abc-123"},
		{"a JSON string with space and escapes", ` " abc\/123\n" `, "abc/123"},
		{"a JSON string that holds an object", `"{\"apiKey\":\"abc-123\"}"`, "abc-123"},
		{"the console's key/value editor", `{"HELPCRUNCH_API_KEY":"abc-123"}`, "abc-123"},
		{"a single member in another case", `{"apikey": "\ufeff abc-123 "}`, "abc-123"},
		{"a single member named key", `{"Key":"abc-123"}`, "abc-123"},
		{"a quote inside", `abc"123`, `abc"123`},
		{"a quote on one side", `abc-123"`, `abc-123"`},

		{"quotes around a plain string, broken as JSON", `"SECRET" "SECRET"`, ""},
		{"quotes around a plain string, twice", `"\"SECRET\""`, ""},
		{"single quotes", `'SECRET'`, ""},
		{"a quote alone", `"`, ""},
		{"quotes around apiKey", `{"apiKey":"\"SECRET\""}`, ""},
		{"an empty JSON string", `""`, ""},
		{"a single member of another name", `{"SECRET":"SECRET"}`, ""},
		{"two members named like keys", `{"key":"SECRET","KEY2":"SECRET"}`, ""},
		{"one name twice", `{"key":"SECRET","key":"SECRET"}`, ""},
		{"apiKey twice", `{"apiKey":"SECRET","apiKey":"SECRET"}`, ""},
		{"a single member that is no string", `{"key":{"apiKey":"SECRET"}}`, ""},
		{"a single member that is a number", `{"key":77777}`, ""},
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
			got, err := apikey.Parse(tc.content)
			if got != tc.want || (err == nil) != (tc.want != "") {
				t.Errorf("Parse = %q, %v; want %q", got, err, tc.want)
			}
			if err != nil && (strings.Contains(err.Error(), "SECRET") || strings.Contains(err.Error(), "77777")) {
				t.Errorf("the error quotes the content: %v", err)
			}
			if strings.Contains(tc.name, "quotes") && !strings.Contains(err.Error(), "quotes") {
				t.Errorf("the error does not name the quotes: %v", err)
			}
		})
	}
}
