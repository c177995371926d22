package mark

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzReadMessage holds the reader against encoding/json's own idea of the body: a mark is never read as
// something that the body does not say.
func FuzzReadMessage(f *testing.F) {
	for _, seed := range []string{
		`{"id": 5208, "reader": "agent", "read": true}`, `{"id":1,"reader":"customer","read":false}`,
		`{"id":5208.0,"reader":"agent","read":true}`, `{"id":1e3,"reader":"agent","read":true}`,
		`{"id":9223372036854775808,"reader":"agent","read":true}`, `{"ID":1,"id":2,"reader":"agent","read":true}`,
		`{"id":1,"id":2,"reader":"agent","read":true}`, `{"\u0069d":1,"reader":"agent","read":true}`,
		`{"id":1,"reader":"agent","read":true}{}`, `[]`, `null`, ``, "\xff", `{"id":-0,"reader":"agent","read":null}`,
		`{"id":1,"reader":"agent","read":true,"asOf":1700000000.5}`, `{"id":1,"reader":"agent","read":true,"asOf":"1e3"}`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := ReadMessage(body)
		if err != nil {
			if got != (Mark{}) || err.Error() == "" {
				t.Fatalf("a refused body returned %+v and the reason %q", got, err)
			}
			return
		}
		if !utf8.Valid(body) || len(body) > MaxBytes {
			t.Fatalf("read although it is too large or no UTF-8: %q", body)
		}
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.UseNumber()
		var says map[string]any
		if err := decoder.Decode(&says); err != nil {
			t.Fatalf("read although it is no JSON object: %q", body)
		}
		id, ok := new(big.Int).SetString(string(says["id"].(json.Number)), 10)
		if !ok || !id.IsInt64() || id.Int64() != got.ID || says["reader"] != string(got.Reader) || says["read"] != got.Read {
			t.Fatalf("%q was read as %+v", body, got)
		}
		if asOf := fmt.Sprint(says["asOf"]); says["asOf"] != nil && (!got.AsOf.Set || strings.TrimLeft(strings.Split(asOf, ".")[0], "0") != strings.TrimLeft(strconv.FormatInt(got.AsOf.Seconds, 10), "0")) {
			t.Fatalf("%q was read with the bound %+v", body, got.AsOf)
		}
		if again, err := ReadMessage([]byte(got.Message())); err != nil || again != got {
			t.Fatalf("Message and ReadMessage differ: %+v, %+v, %v", got, again, err)
		}
	})
}
