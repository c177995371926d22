package apikey_test

import (
	"bufio"
	"net/http"
	"strings"
	"testing"

	"helpcrunch-mark-read/shared/apikey"
)

// FuzzParse holds that whatever stands in a secret, a key out of it makes one header and no other, and that what is no key
// is not repeated in the error, which goes to the log.
func FuzzParse(f *testing.F) {
	for _, content := range []string{
		"abc-123", `{"apiKey":"abc-123"}`, `{"apiKey":"a\r\nX-Injected: yes"}`, "a\r\nX-Injected: yes", "\ufeff key \n", "{", `{"apiKey":null}`,
		`{"apiKey":"\u0000"}`, "\xff\xfek\x00e\x00y\x00", `"quoted"`, `{"apiKey":"a"}{"apiKey":"b"}`, strings.Repeat(`{"apiKey":`, 20_000), "k\u00e9y", "a b",
		`{"API_KEY":"a"}`, `{"password":"a"}`, `"\"a\""`, `'a'`, `"{\"apiKey\":\"a\"}"`,
	} {
		f.Add(content)
	}
	f.Fuzz(func(t *testing.T, content string) {
		const private = "PRIVATE-7f3a"
		if _, err := apikey.Parse(content + private); err != nil && strings.Contains(err.Error(), private) {
			t.Errorf("the error quotes the content: %v", err)
		}
		key, err := apikey.Parse(content)
		if err != nil {
			if key != "" || err.Error() == "" {
				t.Errorf("%q with the error %q", key, err)
			}
			return
		}
		var wire strings.Builder
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://helpcrunch.test/", nil)
		request.Header = http.Header{"Authorization": {"Bearer " + key}, "User-Agent": {"x"}}
		if err := request.Write(&wire); err != nil {
			t.Fatalf("%q cannot be sent: %v", key, err)
		}
		seen, err := http.ReadRequest(bufio.NewReader(strings.NewReader(wire.String())))
		if err != nil || len(seen.Header) != 3 || seen.Header.Get("Authorization") != "Bearer "+key { // the third is Content-Length
			t.Fatalf("%q was sent as %q: %v", key, wire.String(), err)
		}
	})
}
