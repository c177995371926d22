package mark

import (
	"errors"
	"math"
	"strings"
	"testing"
)

func TestReadMessage(t *testing.T) {
	for _, tc := range []struct {
		name, body string
		want       Mark
		faults     []string // a part of each fault's message, in order
	}{
		{"agent read", `{"id": 5208, "reader": "agent", "read": true}`, Mark{ID: 5208, Reader: Agent, Read: true}, nil},
		{"customer unread", `{"read":false,"reader":"customer","id":1}`, Mark{ID: 1, Reader: Customer, Read: false}, nil},
		{"the largest id", `{"id":9223372036854775807,"reader":"agent","read":true}`, Mark{ID: math.MaxInt64, Reader: Agent, Read: true}, nil},
		{"unknown names are ignored", `{"id":7,"reader":"agent","read":true,"note":{"id":[1,{"id":2}]},"":null}`, Mark{ID: 7, Reader: Agent, Read: true}, nil},
		{"white space around", " \n{\"id\":7,\"reader\":\"agent\",\"read\":true}\r\n", Mark{ID: 7, Reader: Agent, Read: true}, nil},
		{"escaped names and values are the same names and values", `{"\u0069d":7,"reader":"\u0061gent","read":true}`, Mark{ID: 7, Reader: Agent, Read: true}, nil},

		{"id and read absent", `{"reader":"agent"}`, Mark{}, []string{"id is missing", "read is missing"}},
		{"names in another case", `{"ID":7,"Reader":"agent","READ":true}`, Mark{}, []string{"id is missing", "reader is missing", "read is missing"}},
		{"all null", `{"id":null,"reader":null,"read":null}`, Mark{}, []string{"id must", "reader must", "read must"}},
		{"id as string", `{"id":"5208","reader":"agent","read":true}`, Mark{}, []string{"id must"}},
		{"id with a fraction", `{"id":5208.0,"reader":"agent","read":true}`, Mark{}, []string{"id must"}},
		{"id with an exponent", `{"id":1e3,"reader":"agent","read":true}`, Mark{}, []string{"id must"}},
		{"id zero", `{"id":0,"reader":"agent","read":true}`, Mark{}, []string{"id must"}},
		{"id minus zero", `{"id":-0,"reader":"agent","read":true}`, Mark{}, []string{"id must"}},
		{"id negative", `{"id":-5,"reader":"agent","read":true}`, Mark{}, []string{"id must"}},
		{"id above 2^63-1", `{"id":9223372036854775808,"reader":"agent","read":true}`, Mark{}, []string{"id must"}},
		{"read as number", `{"id":7,"reader":"agent","read":1}`, Mark{}, []string{"read must"}},
		{"read as string", `{"id":7,"reader":"agent","read":"true"}`, Mark{}, []string{"read must"}},
		{"reader unknown", `{"id":7,"reader":"Agent","read":true}`, Mark{}, []string{"reader must"}},
		{"reader as object", `{"id":7,"reader":{},"read":true}`, Mark{}, []string{"reader must"}},
		{"a name twice", `{"id":7,"id":7,"reader":"agent","read":true}`, Mark{}, []string{`"id" stands twice`}},
		{"a name twice by escape", `{"id":7,"\u0069\u0064":8,"reader":"agent","read":true}`, Mark{}, []string{`"id" stands twice`}},
		{"an unknown name twice", `{"x":1,"x":2,"id":7,"reader":"agent","read":true}`, Mark{}, []string{`"x" stands twice`}},
		{"a long name twice is cut", `{"` + strings.Repeat("n", 500) + `":1,"` + strings.Repeat("n", 500) + `":1,"id":7,"reader":"agent","read":true}`, Mark{}, []string{`nnn..." stands twice`}},
		{"everything at once", `{"id":0,"read":null,"read":2}`, Mark{}, []string{`"read" stands twice`, "id must", "reader is missing", "read must"}},

		{"nothing", "", Mark{}, []string{"empty"}},
		{"only space", " \t\r\n", Mark{}, []string{"empty"}},
		{"an array", `[{"id":7,"reader":"agent","read":true}]`, Mark{}, []string{"one JSON object"}},
		{"null", "null", Mark{}, []string{"one JSON object"}},
		{"two objects", `{"id":7,"reader":"agent","read":true}{}`, Mark{}, []string{"not valid JSON"}},
		{"text after the object", `{"id":7,"reader":"agent","read":true} x`, Mark{}, []string{"not valid JSON"}},
		{"a trailing comma", `{"id":7,"reader":"agent","read":true,}`, Mark{}, []string{"not valid JSON"}},
		{"a leading zero", `{"id":07,"reader":"agent","read":true}`, Mark{}, []string{"not valid JSON"}},
		{"a byte-order mark", "\ufeff" + `{"id":7,"reader":"agent","read":true}`, Mark{}, []string{"byte-order mark and is therefore not valid JSON"}},
		{"different lone surrogates are different names", `{"\ud800":1,"\udfff":2,"id":7,"reader":"agent","read":true}`, Mark{ID: 7, Reader: Agent, Read: true}, nil},
		{"the same lone surrogate twice", `{"\ud800":1,"\ud800":2,"id":7,"reader":"agent","read":true}`, Mark{}, []string{"stands twice"}},
		{"invalid UTF-8", "{\"id\":7,\"reader\":\"agent\",\"read\":true,\"x\":\"\xff\"}", Mark{}, []string{"UTF-8"}},
		{"too large", `{"id":7,"reader":"agent","read":true,"x":"` + strings.Repeat("x", MaxBytes) + `"}`, Mark{}, []string{"64 KiB"}},
		{"nested too deeply", `{"x":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`, Mark{}, []string{"not valid JSON"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			got, err := ReadMessage([]byte(tc.body))
			if got != tc.want {
				t.Errorf("mark = %+v, want %+v", got, tc.want)
			}
			checkFaults(t, err, tc.faults)
		})
	}
}

func checkFaults(t *testing.T, err error, want []string) {
	t.Helper()
	if len(want) == 0 {
		if err != nil {
			t.Errorf("error = %v, want none", err)
		}
		return
	}
	var invalid *InvalidError
	if !errors.As(err, &invalid) {
		t.Fatalf("error = %T %v, want an *InvalidError", err, err)
	}
	if len(invalid.Faults) != len(want) {
		t.Fatalf("faults = %q, want %d", invalid.Faults, len(want))
	}
	for i, part := range want {
		if !strings.Contains(invalid.Faults[i].Message, part) {
			t.Errorf("fault %d = %q, want it to say %q", i, invalid.Faults[i].Message, part)
		}
	}
}

func TestReadBody(t *testing.T) {
	got, err := ReadBody([]byte(`{"id": 5208, "read": true, "reader": 12}`), Customer)
	if want := (Mark{ID: 5208, Reader: Customer, Read: true}); err != nil || got != want {
		t.Errorf("ReadBody = %+v, %v; want %+v (the path says the reader, the name is unknown here)", got, err, want)
	}
	_, err = ReadBody([]byte(`{}`), Agent)
	checkFaults(t, err, []string{"id is missing", "read is missing"})
}

func TestExactlyTheLargestSizeIsRead(t *testing.T) {
	body := `{"id":7,"read":true}`
	body += strings.Repeat(" ", MaxBytes-len(body))
	if _, err := ReadBody([]byte(body), Agent); err != nil {
		t.Errorf("a body of exactly 64 KiB: %v", err)
	}
	if _, err := ReadBody([]byte(body+" "), Agent); err == nil {
		t.Error("a body of 64 KiB and one byte was read")
	}
}

func TestBound(t *testing.T) {
	const fault = "asOf must"
	for _, tc := range []struct {
		name, asOf string
		want       Bound
	}{
		{"a number", `1700000000`, Bound{true, 1_700_000_000}},
		{"a fraction is truncated", `1700000000.999999999`, Bound{true, 1_700_000_000}},
		{"a string", `"1700000000"`, Bound{true, 1_700_000_000}},
		{"a string with a fraction", `"1700000000.5"`, Bound{true, 1_700_000_000}},
		{"leading zeros in a string", `"007"`, Bound{true, 7}},
		{"zero", `0`, Bound{true, 0}},
		{"twelve digits", `999999999999`, Bound{true, 999_999_999_999}},
		{"an escaped digit", `"\u0031"`, Bound{true, 1}},
		{"thirteen digits", `1700000000000`, Bound{}},
		{"ten decimals", `1.0123456789`, Bound{}},
		{"an exponent", `1e9`, Bound{}},
		{"a sign", `-1`, Bound{}},
		{"a plus in a string", `"+1"`, Bound{}},
		{"no digits after the point", `"1."`, Bound{}},
		{"no digits before it", `".5"`, Bound{}},
		{"null", `null`, Bound{}},
		{"an empty string", `""`, Bound{}},
		{"space in a string", `" 1"`, Bound{}},
		{"a line break in a string", `"1\n"`, Bound{}},
		{"a boolean", `true`, Bound{}},
		{"a list", `[1]`, Bound{}},
		{"a date", `"2026-01-01T00:00:00Z"`, Bound{}},
	} {
		for _, read := range []string{"true", "false"} { // a malformed bound is a fault whatever read is
			t.Run(tc.name+", read "+read, func(t *testing.T) {
				want := []string{fault}
				if tc.want.Set {
					want = nil
				}
				got, err := ReadMessage([]byte(`{"id":7,"reader":"agent","read":` + read + `,"asOf":` + tc.asOf + `}`))
				checkFaults(t, err, want)
				if got.AsOf != tc.want {
					t.Errorf("read as %+v, want %+v", got.AsOf, tc.want)
				}
				got, err = ReadBody([]byte(`{"id":7,"read":`+read+`,"asOf":`+tc.asOf+`}`), Customer)
				checkFaults(t, err, want)
				if got.AsOf != tc.want {
					t.Errorf("read over HTTP as %+v, want %+v", got.AsOf, tc.want)
				}
			})
		}
	}
}

func TestTheBoundIsNotSentToHelpCrunch(t *testing.T) {
	m := Mark{ID: 5208, Reader: Agent, Read: true, AsOf: Bound{true, 7}}
	if got := string(m.AppendBody(nil)); got != `{"id": 5208, "read": true}` {
		t.Errorf("HelpCrunch's body is %s", got)
	}
	if got := m.Message(); got != `{"id": 5208, "reader": "agent", "read": true, "asOf": 7}` {
		t.Errorf("the queue's body is %s", got)
	}
}

func TestMerge(t *testing.T) {
	read := func(seconds int64) Mark {
		return Mark{ID: 1, Reader: Agent, Read: true, AsOf: Bound{seconds > 0, seconds}}
	}
	unread := Mark{ID: 1, Reader: Agent}
	for _, tc := range []struct {
		name        string
		oldestFirst []Mark
		want        Mark
	}{
		{"one", []Mark{read(5)}, read(5)},
		{"the latest has the later bound", []Mark{read(5), read(6)}, read(6)},
		{"an earlier one has the later bound", []Mark{read(7), read(5), read(6)}, read(7)},
		{"an earlier one has none", []Mark{read(0), read(6)}, read(0)},
		{"the latest has none", []Mark{read(7), read(0)}, read(0)},
		{"what was before an unread does not count", []Mark{read(9), unread, read(6)}, read(6)},
		{"only what is since it does", []Mark{read(9), unread, read(7), read(6)}, read(7)},
		{"the latest is unread", []Mark{read(9), unread}, unread},
		{"an unread keeps its own bound, which means nothing", []Mark{read(9), {ID: 1, Reader: Agent, AsOf: Bound{true, 3}}}, Mark{ID: 1, Reader: Agent, AsOf: Bound{true, 3}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if got := Merge(tc.oldestFirst); got != tc.want {
				t.Errorf("merged to %+v, want %+v", got, tc.want)
			}
		})
	}
}
