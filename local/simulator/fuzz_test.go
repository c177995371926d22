package simulator_test

import (
	"bytes"
	"encoding/json"
	"math/big"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"helpcrunch-mark-read/local/simulator"
)

// FuzzMark holds the strict reading of a mark against a second, loose one: whatever is written must have been said.
func FuzzMark(f *testing.F) {
	for _, body := range []string{
		`{"id":5208,"read":true}`, `{"id":5208,"read":false}`, `{"read":true,"id":5209,"x":{"id":1}}`, `{"id":5208.0,"read":true}`,
		`{"id":"5208","read":true}`, `{"id":5208,"read":"true"}`, `{"id":5208,"read":null}`, `{"id":5208,"id":5209,"read":true}`,
		`{"ID":5208,"READ":true}`, ` {"id" : 5208 , "read":true} `, `{"id":5208,"read":true}x`, `[]`, `null`, ``, `{"id":-0,"read":true}`,
		`{"id":9223372036854775808,"read":true}`, "\xff", `{"\u0069d":5208,"read":true}`,
	} {
		f.Add([]byte(body))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		sim := newSimulator(t, simulator.Options{})
		request := httptest.NewRequest(http.MethodPut, readByAgent, bytes.NewReader(body))
		request.Header.Set("Authorization", "Bearer "+key)
		response := httptest.NewRecorder()
		sim.ServeHTTP(response, request)
		if !slices.Contains([]int{200, 400, 404}, response.Code) || !json.Valid(response.Body.Bytes()) {
			t.Fatalf("%d %s", response.Code, response.Body)
		}
		if response.Code == http.StatusBadRequest {
			return
		}
		decoder := json.NewDecoder(bytes.NewReader(body))
		decoder.UseNumber()
		var loose map[string]any
		if err := decoder.Decode(&loose); err != nil {
			t.Fatalf("%d for %q, which is not JSON: %v", response.Code, body, err)
		}
		id, _ := loose["id"].(json.Number)
		read, said := loose["read"].(bool)
		number, whole := new(big.Int).SetString(string(id), 10)
		seen := sim.Requests(0)[0]
		if !whole || !number.IsInt64() || number.Int64() != seen.Chat || !said || seen.Read == nil || *seen.Read != read {
			t.Fatalf("%q was read as %+v", body, seen)
		}
		if state, _ := sim.Chat(seen.Chat); response.Code == http.StatusOK && (state.Writes != 1 || state.ReadByAgent != read) {
			t.Fatalf("%q led to %+v", body, state)
		}
	})
}

// FuzzControl sends anything to the control API: it must answer in JSON, or with the list of controls, and show no key, and HelpCrunch must still answer.
func FuzzControl(f *testing.F) {
	for _, seed := range []struct{ method, path, body string }{
		{"POST", "faults", `{"kind":"slow","delay":"1ns","chat":5208,"times":1}`}, {"POST", "faults", `{"kind":"answer","status":299,"header":{"A":"b"}}`},
		{"POST", "faults", `{"kind":"redirect","status":399,"location":"x","retryAfter":"\n"}`}, {"DELETE", "faults", ``},
		{"PUT", "keys", `[null]`}, {"POST", "faults", `null`}, {"POST", "chats/5208/messages", `{"from":"agent","beforeNextCall":true}`}, {"POST", "faults", `{"kind":"endless","size":1}`},
		{"PUT", "limit", `{"requestsPerMinute":1}`},
		{"PUT", "keys", `{"keys":["a"]}`}, {"POST", "keys", `{"key":"a"}`}, {"PUT", "limit", `{"requestsPerMinute":0}`},
		{"GET", "requests", ``}, {"GET", "state", ``}, {"GET", "", ``},
	} {
		f.Add(seed.method, seed.path, seed.body)
	}
	f.Fuzz(func(t *testing.T, method, path, body string) {
		request, err := http.NewRequest(method, "http://sim.example.com/_sim/"+path, strings.NewReader(body))
		if err != nil {
			t.Skip("no request that net/http could deliver")
		}
		sim := newSimulator(t, simulator.Options{})
		response := httptest.NewRecorder()
		sim.ServeHTTP(response, request)
		listed := strings.HasPrefix(response.Header().Get("Content-Type"), "text/plain") && strings.Contains(response.Body.String(), "POST /_sim/faults")
		if redirected := response.Code/100 == 3; !redirected && !listed && !json.Valid(response.Body.Bytes()) {
			t.Fatalf("%s %s %q: %d %s", method, path, body, response.Code, response.Body)
		}
		if strings.Contains(response.Body.String(), key) && !strings.Contains(path+body, key) {
			t.Fatalf("shows the key: %s", response.Body)
		}
		if _, err := json.Marshal(sim.State()); err != nil {
			t.Fatal(err)
		}
		for _, f := range sim.State().Faults {
			if err := sim.AddFault(f); err != nil {
				t.Fatalf("a fault that was taken is refused: %v", err)
			}
		}
	})
}
