package simulator_test

import (
	"net/http"
	"strings"
	"testing"

	"helpcrunch-mark-read/local/simulator"
)

const readByAgent = "/v1/chats/readByAgent"

func TestDocumentedAnswers(t *testing.T) {
	const mark = `{"id":5208,"read":true}`
	for _, test := range []struct {
		what                    string
		method, path, key, body string
		status                  int
		codes                   string
	}{
		{"agent", "PUT", readByAgent, key, mark, 200, ""},
		{"customer", "PUT", "/v1/chats/readByCustomer", key, mark, 200, ""},
		{"agents", "GET", "/v1/agents", key, "", 200, ""},
		{"unknown names are ignored", "PUT", readByAgent, key, `{"id":5208,"read":true,"more":[1]}`, 200, ""},

		{"wrong key", "PUT", readByAgent, "wrong", mark, 401, "invalid_request,unauthorized"},
		{"no key", "PUT", readByAgent, "", mark, 401, "invalid_request,unauthorized"},
		{"wrong key for agents", "GET", "/v1/agents", "wrong", "", 401, "invalid_request,unauthorized"},
		{"the key counts before the body", "PUT", readByAgent, "wrong", "", 401, "invalid_request,unauthorized"},

		{"unknown chat", "PUT", readByAgent, key, `{"id":1,"read":true}`, 404, "not_fount"},

		{"no id", "PUT", readByAgent, key, `{"read":true}`, 400, "invalid_request,id"},
		{"null id", "PUT", readByAgent, key, `{"id":null,"read":true}`, 400, "invalid_request,id"},
		{"id a string", "PUT", readByAgent, key, `{"id":"5208","read":true}`, 400, "invalid_request,id"},
		{"id a float", "PUT", readByAgent, key, `{"id":5208.0,"read":true}`, 400, "invalid_request,id"},
		{"id 0", "PUT", readByAgent, key, `{"id":0,"read":true}`, 400, "invalid_request,id"},
		{"id too large", "PUT", readByAgent, key, `{"id":9223372036854775808,"read":true}`, 400, "invalid_request,id"},
		{"no read", "PUT", readByAgent, key, `{"id":5208}`, 400, "invalid_request,read"},
		{"read a number", "PUT", readByAgent, key, `{"id":5208,"read":1}`, 400, "invalid_request,read"},
		{"neither", "PUT", readByAgent, key, `{}`, 400, "invalid_request,id,read"},
		{"names in another case", "PUT", readByAgent, key, `{"ID":5208,"Read":true}`, 400, "invalid_request,id,read"},
		{"no body", "PUT", readByAgent, key, "", 400, "invalid_request,body"},
		{"no object", "PUT", readByAgent, key, "[5208,true]", 400, "invalid_request,body"},
		{"null", "PUT", readByAgent, key, "null", 400, "invalid_request,body"},
		{"two objects", "PUT", readByAgent, key, mark + mark, 400, "invalid_request,body"},
		{"too long", "PUT", readByAgent, key, mark + strings.Repeat(" ", 64<<10), 400, "invalid_request,body"},

		{"unknown path", "PUT", "/v1/chats/readByNobody", key, mark, 404, ""},
		{"no version", "PUT", "/chats/readByAgent", key, mark, 404, ""},
		{"slash at the end", "PUT", readByAgent + "/", key, mark, 404, ""},
		{"wrong method", "POST", readByAgent, key, mark, 405, "method_not_allowed"},
		{"wrong method for agents", "PUT", "/v1/agents", key, mark, 405, "method_not_allowed"},
	} {
		t.Run(test.what, func(t *testing.T) {
			c := setup(t, simulator.Options{})
			got, err := c.do(test.method, test.path, test.key, test.body)
			if err != nil || got.cut != nil {
				t.Fatal(err, got.cut)
			}
			if got.status != test.status || got.codes() != test.codes {
				t.Fatalf("got %d %q (%s); want %d %q", got.status, got.codes(), got.body, test.status, test.codes)
			}
			counts := c.settled().Counts
			if counts.Writes != btoi(test.status == 200 && test.method == http.MethodPut) {
				t.Error("a mark was made that should not have been, or the other way round")
			}
			if names := strings.Contains(test.what, "names"); counts.UnknownNames != btoi(names) {
				t.Errorf("%d bodies with unknown names", counts.UnknownNames)
			}
			if allow := got.header.Get("Allow"); (allow != "") != (test.status == 405) {
				t.Errorf("Allow: %q", allow)
			}
		})
	}
}

func TestTheListOfAgents(t *testing.T) {
	c := setup(t, simulator.Options{})
	got, err := c.do(http.MethodGet, "/v1/agents", key, "")
	c.must(err)
	list := decode[struct {
		Data []struct {
			ID                int64
			Name, Email, Role string
		}
		Meta struct{ Total int }
	}](t, got.body)
	if len(list.Data) == 0 || list.Meta.Total != len(list.Data) {
		t.Fatalf("got %s", got.body)
	}
	for _, agent := range list.Data {
		if agent.ID == 0 || agent.Name == "" || agent.Email == "" || agent.Role == "" {
			t.Errorf("agent %+v", agent)
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
