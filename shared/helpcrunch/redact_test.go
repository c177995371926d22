package helpcrunch_test

import (
	"strings"
	"testing"

	fake "helpcrunch-mark-read/shared/helpcrunch/helpcrunchtest"
)

func TestKeyInTheBody(t *testing.T) {
	escaped := strings.NewReplacer(`"`, `\"`).Replace(apiKey)
	slashed := strings.NewReplacer(`"`, `\"`, `/`, `\/`).Replace(apiKey)
	var u strings.Builder
	for _, c := range apiKey {
		u.WriteString(`\u00` + strings.ToUpper(hex(byte(c))))
	}
	for _, tc := range []struct {
		name, body string
		want       bool
	}{
		{"not there", `{"id":5208,"x":"s3cr3t\/K\"ey+"}`, false},
		{"plain text", "Bearer " + apiKey, true},
		{"in a value", `{"token":"` + escaped + `"}`, true},
		{"with an escaped slash", `{"token":"a ` + slashed + ` b"}`, true},
		{"all escaped", `{"token":["` + u.String() + `"]}`, true},
		{"all escaped in lower case", `{"token":["` + strings.ToLower(u.String()) + `"]}`, true},
		{"in a name", `{"` + slashed + `":1}`, true},
		{"escaped after broken JSON", `{"readByCustomer": true.,"token":"` + slashed + `"}`, true},
		{"escaped in a second document", `{} "` + u.String() + `"`, true},
		{"escaped in a page", `<p>` + u.String(), true},
		{"escaped twice", `{"log":"{\"token\":\"` + strings.ReplaceAll(slashed, `\`, `\\`) + `\"}"}`, true},
		{"a backslash at the end", `{"x":"\`, false},
		{"half an escape at the end", `"\u00`, false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			for _, status := range []int{200, 400, 500} {
				if got := mustAnswer(t, fake.Answer(status, tc.body)).HoldsKey; got != tc.want {
					t.Errorf("status %d: HoldsKey = %v, want %v", status, got, tc.want)
				}
			}
		})
	}
}

func hex(b byte) string {
	const digits = "0123456789abcdef"
	return string([]byte{digits[b>>4], digits[b&15]})
}

func TestKeyIsTakenOutOfTheErrorList(t *testing.T) {
	const key = "s3cr3t-key"
	server := fake.New(t, fake.Answer(400, `{"errors":[{"code":"invalid_s3cr3t-key","message":"m"},{"code":"token","message":"Bearer s3cr3t\u002dkey is s3cr3t-key"},`+
		`{"code":"nested","message":"{\"token\":\"s3cr3t\\u002dkey\"}"}]}`))
	a, err := client(t, server.URL).Mark(t.Context(), key, theMark)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Errors) != 2 || strings.Contains(a.Errors[1].Message, "s3cr3t") || a.Errors[0].Code != "token" || strings.Contains(a.Errors[0].Message, key) || !strings.HasPrefix(a.Errors[0].Message, "Bearer ") {
		t.Errorf("errors = %q", a.Errors)
	}
}
