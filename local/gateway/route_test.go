package gateway_test

import (
	"maps"
	"net/http"
	"strings"
	"testing"

	"helpcrunch-mark-read/local/gateway"
)

func TestRoutes(t *testing.T) {
	const agent, customer = "PUT /v1/chats/readByAgent", "PUT /v1/chats/readByCustomer"
	pets := []string{"ANY /{proxy+}", "GET /pets/{id}", "GET /pets/dog", "ANY /pets/dog", "GET /pets/{proxy+}", "GET /"}
	tests := []struct {
		name       string
		routes     []string
		stage      string
		method     string
		path       string
		want       string // route key; empty for 404
		parameters map[string]string
	}{
		{"a literal path", []string{agent, customer}, "", "PUT", "/v1/chats/readByCustomer", customer, nil},
		{"another method", []string{agent}, "", "GET", "/v1/chats/readByAgent", "", nil},
		{"another path", []string{agent}, "", "PUT", "/v1/chats", "", nil},
		{"another case", []string{agent}, "", "PUT", "/v1/chats/readbyagent", "", nil},
		{"a slash at the end", []string{agent}, "", "PUT", "/v1/chats/readByAgent/", "", nil},
		{"more path", []string{agent}, "", "PUT", "/v1/chats/readByAgent/x", "", nil},
		{"the catch-all route takes the rest", []string{agent, "$default"}, "", "GET", "/x", "$default", nil},
		{"and only the rest", []string{"$default", agent}, "", "PUT", "/v1/chats/readByAgent", agent, nil},
		{"the root", pets, "", "GET", "/", "GET /", nil},
		{"a literal part before a variable", pets, "", "GET", "/pets/dog", "GET /pets/dog", nil},
		{"a method before ANY, ANY for the others", pets, "", "PUT", "/pets/dog", "ANY /pets/dog", nil},
		{"a variable before a greedy one", pets, "", "GET", "/pets/cat", "GET /pets/{id}", map[string]string{"id": "cat"}},
		{"a greedy variable", pets, "", "GET", "/pets/cat/toys", "GET /pets/{proxy+}", map[string]string{"proxy": "cat/toys"}},
		{"the shorter greedy one", pets, "", "PUT", "/pets/cat/toys", "ANY /{proxy+}", map[string]string{"proxy": "pets/cat/toys"}},
		{"variables only before a literal part and a greedy one", []string{"GET /a/{proxy+}", "GET /{x}/{y}"}, "", "GET", "/a/b", "GET /{x}/{y}", map[string]string{"x": "a", "y": "b"}},
		{"no greedy variable is empty", []string{"GET /a/{proxy+}"}, "", "GET", "/a/", "", nil},
		{"a named stage", []string{agent}, "prod", "PUT", "/prod/v1/chats/readByAgent", agent, nil},
		{"a named stage left out", []string{agent, "$default"}, "prod", "PUT", "/v1/chats/readByAgent", "", nil},
		{"a stage that only begins alike", []string{"$default"}, "prod", "PUT", "/production/x", "", nil},
		{"the root of a named stage", []string{"GET /"}, "prod", "GET", "/prod", "GET /", nil},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := &function{}
			w := serve(t, f, gateway.Config{Routes: test.routes, Stage: test.stage}, request(test.method, test.path, "", http.Header{}))
			if test.want == "" {
				if f.event != nil || w.Code != http.StatusNotFound || w.Body.String() != `{"message":"Not Found"}` {
					t.Errorf("got %d %s, event %s", w.Code, w.Body, f.event)
				}
				return
			}
			if f.event == nil {
				t.Fatalf("got %d %s", w.Code, w.Body)
			}
			event := read(t, f)
			if event.RouteKey != test.want || event.RequestContext.RouteKey != test.want || !maps.Equal(event.PathParameters, test.parameters) {
				t.Errorf("got %q with %v", event.RouteKey, event.PathParameters)
			}
			if event.RawPath != test.path || event.RequestContext.HTTP.Path != test.path {
				t.Errorf("raw path %q", event.RawPath)
			}
		})
	}
}

func TestRouteKeysThatAreNone(t *testing.T) {
	_, err := gateway.New(&function{}, gateway.Config{Routes: []string{"PUT", "PUT v1", "GET /good", " /x"}})
	for _, key := range []string{`"PUT"`, `"PUT v1"`, `" /x"`} {
		if err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("%s is not told: %v", key, err)
		}
	}
	if _, err := gateway.New(&function{}, gateway.Config{}); err == nil {
		t.Error("an API without routes")
	}
}
