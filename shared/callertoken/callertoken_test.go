package callertoken_test

import (
	"slices"
	"strings"
	"testing"

	"helpcrunch-mark-read/shared/callertoken"
)

const one, two = "first-token-0123", "second+token/0123=="

func TestValid(t *testing.T) {
	for token, want := range map[string]bool{
		one: true, two: true, "-._~+/0123456789": true, "abcdefghijklmno=": true, strings.Repeat("x", 10_000): true,
		"": false, "abcdefghijklmno": false, "abcdefghijklmn=o": false, "================": false, "=abcdefghijklmno": false,
		"abcdefgh ijklmnop": false, "abcdefghijklmno\n": false, "abcdefghijklmno,": false, "abcdefghijklmno\u00e9": false, `"abcdefghijklmno"`: false, "abcdefghijklmn\x00o": false,
	} {
		if got := callertoken.Valid(token); got != want {
			t.Errorf("%.40q: %v, want %v", token, got, want)
		}
	}
}

func TestParse(t *testing.T) {
	for _, tc := range []struct {
		name, content string
		want          []string
		err           string // a part of it
	}{
		{"one line", one, []string{one}, ""},
		{"two lines, with what editors leave", "\ufeff " + one + " \r\n\r\n\t" + two + "\n", []string{one, two}, ""},
		{"an object", `{"crm": "` + one + `", "app": "` + two + `"}`, []string{one, two}, ""},
		{"an object over several lines", "\ufeff\n{\n  \"crm\": \"" + one + "\"\n}\n", []string{one}, ""},
		{"a token with escapes", `{"crm": "first\u002dtoken-0123"}`, []string{one}, ""},

		{"nothing", "", nil, "holds none"},
		{"only white space", " \r\n\t\n\ufeff", nil, "holds none"},
		{"an empty object", " { } ", nil, "holds none"},
		{"a comment", "# CRM\n" + one, nil, "line 1 "},
		{"a short token, after empty lines", "\n\n" + one + "\nPRIVATE\n", nil, "line 4 "},
		{"two tokens in a line", one + " " + two, nil, "line 1 "},
		{"a rule of a file", one + "\n---", nil, "line 2 "},
		{"a token in quotes", `"` + one + `"`, nil, "line 1 "},
		{"a list", `["` + one + `"]`, nil, "line 1 "},
		{"broken JSON", `{"crm": "` + one + `"`, nil, "JSON object"},
		{"two objects", `{"crm": "` + one + `"}{"crm": "` + two + `"}`, nil, "JSON object"},
		{"an object and a line", `{"crm": "` + one + "\"}\n" + two, nil, "JSON object"},
		{"a short value", `{"crm": "` + one + `", "PRIVATE": "PRIVATE"}`, nil, "member 2 "},
		{"white space around a value", `{"crm": " ` + one + `"}`, nil, "member 1 "},
		{"a number", `{"PRIVATE": 1234567890123456}`, nil, "member 1 "},
		{"null", `{"PRIVATE": null}`, nil, "member 1 "},
		{"a nested object", `{"crm": "` + one + `", "x": {"y": "` + two + `"}}`, nil, "member 2 "},
		{"a list of tokens", `{"crm": ["` + one + `"]}`, nil, "member 1 "},
		{"a name that stands twice", `{"PRIVATE": "` + one + `", "PRIVATE": "` + two + `"}`, nil, "member 2 "},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := callertoken.Parse(tc.content)
			if !slices.Equal(got, tc.want) || (err == nil) != (tc.want != nil) {
				t.Fatalf("Parse = %q, %v; want %q", got, err, tc.want)
			}
			if err != nil && (!strings.Contains(err.Error(), tc.err) || strings.Contains(err.Error(), "PRIVATE") || strings.Contains(err.Error(), "first")) {
				t.Errorf("error %q, want one with %q and without the content", err, tc.err)
			}
		})
	}
}

// FuzzParse holds that what comes out are tokens, as many as stand in the content, and that no error quotes it.
func FuzzParse(f *testing.F) {
	for _, s := range []string{"", one, one + "\r\n" + two, "{", `{"a":"` + one + `"}`, `{"a":1}`, "{}", "\ufeff{\n}", "---\n" + one, `{"a":{"b":"` + one + `"}}`, strings.Repeat(`{"a":`, 20_000)} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, content string) {
		const private = "PRIVATE-7f3a"
		if _, err := callertoken.Parse(content + private); err != nil && strings.Contains(err.Error(), private) {
			t.Errorf("the error quotes the content: %v", err)
		}
		tokens, err := callertoken.Parse(content)
		if (err == nil) != (len(tokens) > 0) || err != nil && (err.Error() == "" || strings.ContainsAny(err.Error(), "\r\n")) {
			t.Fatalf("%d tokens, error %v", len(tokens), err)
		}
		for _, token := range tokens {
			if !callertoken.Valid(token) || !strings.ContainsAny(content, "\\") && !strings.Contains(content, token) {
				t.Errorf("%q is no token of %q", token, content)
			}
		}
	})
}
