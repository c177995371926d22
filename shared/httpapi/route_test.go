package httpapi_test

import (
	"encoding/base64"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/lambda"

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

		{"empty segments", load(t, "function_url.json").with("rawPath", "//v1//chats/readByAgent/"), agent},
		{"empty segments before a stage", load(t, "named_stage.json").with("rawPath", "//prod//v1/chats/readByAgent"), agent},

		{"another path", load(t, "function_url.json").with("rawPath", "/v1/chats"), ""},
		{"no path", load(t, "function_url.json").with("rawPath", ""), ""},
		{"root", load(t, "function_url.json").with("rawPath", "/"), ""},
		{"another case", load(t, "function_url.json").with("rawPath", "/v1/chats/readbyagent"), ""},
		{"without v1", load(t, "function_url.json").with("rawPath", "/chats/readByAgent"), ""},
		{"another stage's path", load(t, "named_stage.json").with("rawPath", "/production"+agent), ""},
		{"dots", load(t, "function_url.json").with("rawPath", "/x/.."+agent), ""},
		{"unknown route", load(t, "api_gateway.json").with("routeKey", "GET /health"), ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := newHarness(t, fake.Answer(200, "{}"))
			a := h.put(tc.e)
			if tc.path == "" {
				a.want(t, 404, "not_found")
				h.wantCalls(0)
				return
			}
			h.wantCalls(1)
			if r := h.server.Requests()[0]; a.StatusCode != 200 || r.Path != tc.path || r.Method != "PUT" || r.Body != `{"id": 5208, "read": true}` {
				t.Errorf("status %d, HelpCrunch saw %+v", a.StatusCode, r)
			}
		})
	}
}

func TestWrongMethods(t *testing.T) {
	for _, method := range []string{"GET", "HEAD", "POST", "PATCH", "DELETE", "OPTIONS", "put"} {
		t.Run(method, func(t *testing.T) {
			h := newHarness(t, fake.Answer(200, "{}"))
			a := h.put(load(t, "function_url.json").method(method))
			a.want(t, 405, "method_not_allowed")
			if a.Headers["Allow"] != "PUT" {
				t.Errorf("Allow: %q", a.Headers["Allow"])
			}
			h.wantCalls(0)
		})
	}
	t.Run("on an unknown path it is 404", func(t *testing.T) {
		h := newHarness(t, fake.Answer(200, "{}"))
		h.put(load(t, "function_url.json").method("GET").with("rawPath", "/health")).want(t, 404, "not_found")
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
			h := newHarness(t, fake.Answer(200, "{}"))
			a := h.put(load(t, "function_url.json").with("body", tc.body))
			if a.StatusCode != tc.status {
				t.Errorf("status %d, want %d: %s", a.StatusCode, tc.status, a.Body)
			}
			if tc.status == 400 {
				a.want(t, 400, "invalid_request")
				h.wantCalls(0)
			}
		})
	}
}

// TestWhatIsNoRequestIsAFunctionError: an event source that is wired to the wrong function must not lose its events.
func TestWhatIsNoRequestIsAFunctionError(t *testing.T) {
	for name, payload := range map[string]string{
		"an empty event":               `{}`,
		"an SQS batch":                 `{"Records":[{"messageId":"m","body":"{}"}]}`,
		"payload format 1.0":           `{"version":"1.0","resource":"/v1/chats/readByAgent","path":"/v1/chats/readByAgent","httpMethod":"PUT","headers":{},"requestContext":{"stage":"$default","httpMethod":"PUT","identity":{}},"body":"{\"id\":1,\"read\":true}"}`,
		"a load balancer's":            `{"requestContext":{"elb":{"targetGroupArn":"arn"}},"httpMethod":"PUT","path":"/v1/chats/readByAgent","headers":{},"body":"{}"}`,
		"an EventBridge event":         `{"detail-type":"x","detail":{}}`,
		"a request without its method": `{"version":"2.0","routeKey":"$default","rawPath":"/v1/chats/readByAgent","requestContext":{"http":{"method":""}}}`,
	} {
		t.Run(name, func(t *testing.T) {
			h := newHarness(t, fake.Answer(200, "{}"))
			out, err := lambda.NewHandler(h.Handle).Invoke(t.Context(), []byte(payload))
			if err == nil || !strings.Contains(err.Error(), "payload format 2.0") {
				t.Errorf("answered %s, %v", out, err)
			}
			h.wantCalls(0)
		})
	}
}

// TestWithoutAnAuthorizerNobodyIsLetIn: see Handler.authorize.
func TestWithoutAnAuthorizerNobodyIsLetIn(t *testing.T) {
	for _, tc := range []struct {
		name       string
		authorizer any // nil: there is none
		letIn      bool
	}{
		{"IAM", map[string]any{"iam": map[string]any{"userArn": "arn"}}, true},
		{"JWT", map[string]any{"jwt": map[string]any{"claims": map[string]any{}}}, true},
		{"a Lambda authorizer", map[string]any{"lambda": map[string]any{}}, true},
		{"IAM that is null beside JWT", map[string]any{"iam": nil, "jwt": map[string]any{}}, true},
		{"none", nil, false},
		{"an empty one", map[string]any{}, false},
		{"all null", map[string]any{"iam": nil, "jwt": nil, "lambda": nil}, false},
		{"another kind", map[string]any{"claims": map[string]any{}}, false},
		{"no object", map[string]any{"iam": "x", "jwt": []any{1}, "lambda": true}, false},
		{"a list", []any{map[string]any{"iam": map[string]any{}}}, false},
		{"a string", "iam", false},
	} {
		t.Run(tc.name, func(t *testing.T) {
			h := newHarness(t, fake.Answer(200, "{}"))
			e := load(t, "api_gateway.json")
			delete(e["requestContext"].(map[string]any), "authorizer")
			if tc.authorizer != nil {
				e["requestContext"].(map[string]any)["authorizer"] = tc.authorizer
			}
			a := h.put(e)
			if tc.letIn {
				if a.StatusCode != 200 {
					t.Errorf("status %d: %s", a.StatusCode, a.Body)
				}
				return
			}
			a.want(t, 401, "unauthorized")
			h.wantCalls(0)
			if !strings.Contains(h.metrics.String(), `"Refused":1`) || !strings.Contains(h.metrics.String(), `"Reason":"unauthorized"`) {
				t.Errorf("counted %s", h.metrics.String())
			}
			// The caller comes before the path, the method and the body.
			h.put(e.with("rawPath", "/x").with("routeKey", "$default").method("GET").with("body", "x")).want(t, 401, "unauthorized")
		})
	}
}
