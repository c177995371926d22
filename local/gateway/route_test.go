package gateway_test

import (
	"net/http"
	"testing"

	"helpcrunch-mark-read/local/gateway"
)

func TestRoutes(t *testing.T) {
	const agent, customer = "PUT /v1/chats/readByAgent", "PUT /v1/chats/readByCustomer"
	tests := []struct {
		name   string
		routes []string
		method string
		path   string
		want   string // route key; empty for 404
	}{
		{"a literal path", []string{agent, customer}, "PUT", "/v1/chats/readByCustomer", customer},
		{"another method", []string{agent}, "GET", "/v1/chats/readByAgent", ""},
		{"another path", []string{agent}, "PUT", "/v1/chats", ""},
		{"another case", []string{agent}, "PUT", "/v1/chats/readbyagent", ""},
		{"a slash at the end", []string{agent}, "PUT", "/v1/chats/readByAgent/", ""},
		{"more path", []string{agent}, "PUT", "/v1/chats/readByAgent/x", ""},
		{"the catch-all route takes the rest", []string{agent, "$default"}, "GET", "/x", "$default"},
		{"and only the rest", []string{"$default", agent}, "PUT", "/v1/chats/readByAgent", agent},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f := &function{}
			w := serve(t, f, gateway.Config{Routes: test.routes}, request(test.method, test.path, "", http.Header{}))
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
			if event.RouteKey != test.want || event.RequestContext.RouteKey != test.want {
				t.Errorf("got %q", event.RouteKey)
			}
			if event.RawPath != test.path || event.RequestContext.HTTP.Path != test.path {
				t.Errorf("raw path %q", event.RawPath)
			}
		})
	}
}
