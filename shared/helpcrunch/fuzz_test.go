package helpcrunch

import (
	"bytes"
	"encoding/json"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"

	"helpcrunch-mark-read/shared/mark"
)

func seed(f *testing.F) [][]byte {
	f.Helper()
	names, err := filepath.Glob("testdata/*.*")
	if err != nil || len(names) == 0 {
		f.Fatalf("no fixtures: %v", err)
	}
	var seeds [][]byte
	for _, name := range names {
		content, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		seeds = append(seeds, content)
	}
	for _, s := range []string{
		``, `null`, `[]`, `{"errors":null}`, `{"errors":[]}`, `{"errors":{}}`, `{"errors":[null,1,"x",{}]}`,
		`{"errors":[{"code":404}]}`, `{"errors":[{"code":"a b","message":null}]}`, `{"Errors":[{"Code":"x"}]}`, "\xff", `"\u00`,
		`{"errors":[{"code":"unauthorized"},]}`, `"not_found`, "\ufeff{}", `{"id":null,"errors":[1]}`,
	} {
		seeds = append(seeds, []byte(s))
	}
	return seeds
}

// FuzzErrorList holds that codes are codes, that nothing is called HelpCrunch's error shape that is none, and that
// reading never panics.
func FuzzErrorList(f *testing.F) {
	for _, s := range seed(f) {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		list, inShape := readErrors(body)
		for _, e := range list {
			if e.Code == "" || len(e.Code) > 64 || strings.ContainsAny(e.Code, " \"\\\r\n\t,;:/<>@") || !utf8.ValidString(e.Code) {
				t.Errorf("%q was taken for a code", e.Code)
			}
			if !json.Valid(withoutBOM(body)) && (e.Message != "" || !bytes.Contains(body, []byte(`"`+e.Code+`"`))) {
				t.Errorf("%+v was read from a body that is no JSON: %q", e, body)
			}
		}
		if !inShape {
			return
		}
		var says map[string]any
		if err := json.Unmarshal(body, &says); err != nil {
			t.Fatalf("in shape, but %v", err)
		}
		entries, _ := says["errors"].([]any)
		if len(entries) == 0 {
			t.Fatalf("in shape without a list: %q", body)
		}
		for _, entry := range entries {
			fields, _ := entry.(map[string]any)
			if _, ok := fields["code"].(string); !ok {
				t.Errorf("in shape with an entry without a code: %q", body)
			}
		}
	})
}

// FuzzAnswer holds what must be true of every answer, whatever its status, headers and body.
func FuzzAnswer(f *testing.F) {
	for _, s := range seed(f) {
		f.Add(200, "application/json", "", "", s)
		f.Add(404, "text/html", "", "17", s)
		f.Add(429, "", "gzip", "Mon, 23 Nov 2026 12:00:30 GMT", s)
	}
	f.Add(http.StatusSwitchingProtocols, "", "", "", []byte("0")) // what follows it is the bare connection, and not read
	const key, limit = `k/1"x`, 512
	f.Fuzz(func(t *testing.T, status int, contentType, encoding, retryAfter string, body []byte) {
		response := &http.Response{
			StatusCode: status, ContentLength: -1, Body: io.NopCloser(bytes.NewReader(body)),
			Header: http.Header{"Content-Type": {contentType}, "Content-Encoding": {encoding}, "Retry-After": {retryAfter}},
		}
		a := ReadAnswer(response, key, limit)
		plain := encoding == "" && status != http.StatusSwitchingProtocols
		switch {
		case a.Status != status:
			t.Errorf("status %d became %d", status, a.Status)
		case len(a.Body) > limit:
			t.Errorf("%d bytes were kept", len(a.Body))
		case a.RetryAfter < 0 || a.RetryAfter > MaxRetryAfter:
			t.Errorf("Retry-After %q became %s", retryAfter, a.RetryAfter)
		case plain && a.Complete != (len(body) <= limit), plain && !bytes.HasPrefix(body, a.Body):
			t.Errorf("%d bytes became %d, complete %v", len(body), len(a.Body), a.Complete)
		case !a.HoldsKey && bytes.Contains(a.Body, []byte(key)):
			t.Error("the key was not seen")
		case a.ErrorShape && (!json.Valid(a.Body) || a.Success()):
			t.Error("the error shape of a success or of what is no JSON")
		}
		for _, e := range a.Errors {
			if strings.Contains(e.Code+e.Message, key) {
				t.Errorf("the key stands in %q", e)
			}
		}
		a.Flag("agent")
		if a.ErrorWith2xx() && (!a.Success() || a.HTML() || bytes.Contains(a.Body, []byte(`"id"`)) && json.Valid(a.Body) && topLevel(a.Body, "id") != nil) {
			t.Errorf("status %d: an error shape was seen in %q", a.Status, a.Body)
		}
	})
}

// topLevel returns a body's own member as encoding/json reads it, nil where there is none.
func topLevel(body []byte, name string) json.RawMessage {
	var members map[string]json.RawMessage
	_ = json.Unmarshal(body, &members)
	return members[name]
}

// FuzzNewer compares with a reading by encoding/json: what is newer than a bound is a whole number of seconds in one of the
// two members, and a body that is not valid JSON as a whole has none unless it was cut off.
func FuzzNewer(f *testing.F) {
	for _, s := range seed(f) {
		f.Add(s, true, int64(1597757411))
	}
	for _, s := range []string{
		`{"lastCustomerMessageAt":"1597757412.999999999","lastMessageAt":1597757413}`, `{"lastCustomerMessageAt":null,"lastMessageAt":"7"}`, `{"lastMessageAt":`,
		`{"lastCustomerMessageAt":1e9}`, `{"lastCustomerMessageAt":-1}`, `{"lastCustomerMessageAt":"-1"}`, `{"lastCustomerMessageAt":"1."}`, `{"lastCustomerMessageAt":""}`,
	} {
		f.Add([]byte(s), true, int64(1))
		f.Add([]byte(s), false, int64(0))
	}
	f.Fuzz(func(t *testing.T, body []byte, complete bool, asOf int64) {
		a := &Answer{Status: 200, Body: body, Complete: complete}
		agent, customer := a.Newer(mark.Agent, asOf), a.Newer(mark.Customer, asOf)
		if !agent && !customer || !complete {
			return
		}
		var members map[string]json.RawMessage
		if err := json.Unmarshal(withoutBOM(body), &members); err != nil {
			t.Fatalf("something newer was read from %q: %v", body, err)
		}
		after := func(value json.RawMessage) bool {
			text := string(value)
			_ = json.Unmarshal(value, &text) // a number stays as it is
			n, err := strconv.ParseFloat(text, 64)
			return err == nil && math.Floor(n) > float64(asOf)
		}
		if agent && !after(members["lastCustomerMessageAt"]) || customer && !after(members["lastMessageAt"]) {
			t.Errorf("newer than %d for agent %v, customer %v: %q", asOf, agent, customer, body)
		}
	})
}
