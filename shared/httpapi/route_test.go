package httpapi_test

import (
	"encoding/base64"
	"testing"

	fake "helpcrunch-mark-read/shared/helpcrunch/helpcrunchtest"
)

func TestRoutes(t *testing.T) {
	const agent, customer = "/v1/chats/readByAgent", "/v1/chats/readByCustomer"
	for _, tc := range []struct {
		name string
		e    event
		path string // that HelpCrunch sees; empty: the answer is 404
	}{
		{"API Gateway, agent", load(t, "api_gateway.json"), agent},
		{"API Gateway, customer", load(t, "api_gateway.json").with("routeKey", "PUT "+customer), customer},
		{"named stage, catch-all route", load(t, "named_stage.json"), customer},
		{"named stage, route by its key", load(t, "named_stage.json").with("routeKey", "PUT "+agent), agent},
		{"function URL", load(t, "function_url.json"), agent},
		{"route with any method", load(t, "api_gateway.json").with("routeKey", "ANY "+agent), agent},
		{"route with a greedy variable", load(t, "named_stage.json").with("routeKey", "ANY /{proxy+}"), customer},
		{"route with a variable", load(t, "function_url.json").with("routeKey", "PUT /v1/chats/{what}"), agent},
		{"stage v1", load(t, "named_stage.json").stage("v1").with("rawPath", "/v1"+agent), agent},
		{"stage v1 behind a custom domain", load(t, "named_stage.json").stage("v1").with("rawPath", agent), agent},
		{"stage prod behind a custom domain", load(t, "named_stage.json").with("rawPath", agent), agent},

		{"another path", load(t, "function_url.json").with("rawPath", "/v1/chats"), ""},
		{"no path", load(t, "function_url.json").with("rawPath", ""), ""},
		{"root", load(t, "function_url.json").with("rawPath", "/"), ""},
		{"slash at the end", load(t, "function_url.json").with("rawPath", agent+"/"), ""},
		{"another case", load(t, "function_url.json").with("rawPath", "/v1/chats/readbyagent"), ""},
		{"without v1", load(t, "function_url.json").with("rawPath", "/chats/readByAgent"), ""},
		{"another stage's path", load(t, "named_stage.json").with("rawPath", "/production"+agent), ""},
		{"dots", load(t, "function_url.json").with("rawPath", "/x/.."+agent), ""},
		{"unknown route", load(t, "api_gateway.json").with("routeKey", "GET /health"), ""},
		{"no event of API Gateway's", event{"Records": []any{}}, ""},
		{"an empty event", event{}, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t, fake.Answer(200, "{}"))
			a := b.put(tc.e)
			if tc.path == "" {
				a.want(t, 404, "not_found")
				b.wantCalls(0)
				return
			}
			b.wantCalls(1)
			if r := b.server.Requests()[0]; a.StatusCode != 200 || r.Path != tc.path || r.Method != "PUT" || r.Body != `{"id": 5208, "read": true}` {
				t.Errorf("status %d, HelpCrunch saw %+v", a.StatusCode, r)
			}
		})
	}
}

func TestWrongMethods(t *testing.T) {
	for _, method := range []string{"GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS", "put", ""} {
		t.Run(method, func(t *testing.T) {
			b := newBench(t, fake.Answer(200, "{}"))
			a := b.put(load(t, "function_url.json").method(method))
			a.want(t, 405, "method_not_allowed")
			if a.Headers["Allow"] != "PUT" {
				t.Errorf("Allow: %q", a.Headers["Allow"])
			}
			b.wantCalls(0)
		})
	}
	t.Run("on an unknown path it is 404", func(t *testing.T) {
		b := newBench(t, fake.Answer(200, "{}"))
		b.put(load(t, "function_url.json").method("GET").with("rawPath", "/health")).want(t, 404, "not_found")
	})
}

func TestBase64(t *testing.T) {
	encode := base64.StdEncoding.EncodeToString
	for _, tc := range []struct {
		name, body string
		status     int
	}{
		{"a mark", encode([]byte(`{"id": 5208, "read": true}`)), 200},
		{"nothing", "", 400},
		{"not UTF-8", encode([]byte("{\"id\":5208,\"read\":true,\"x\":\"\xff\"}")), 400},
		{"no base64", "{}", 400},
		{"cut off", "eyJpZCI6IDUyMDgs=", 400},
	} {
		t.Run(tc.name, func(t *testing.T) {
			b := newBench(t, fake.Answer(200, "{}"))
			a := b.put(load(t, "function_url.json").with("body", tc.body))
			if a.StatusCode != tc.status {
				t.Errorf("status %d, want %d: %s", a.StatusCode, tc.status, a.Body)
			}
			if tc.status == 400 {
				a.want(t, 400, "invalid_request")
				b.wantCalls(0)
			}
		})
	}
}
