package gateway_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-lambda-go/events"

	"helpcrunch-mark-read/local/gateway"
)

// The golden events have the shape of those in API Gateway's documentation and in aws-lambda-go's testdata. The simulated
// clock returns them their time.
func TestGoldenEvents(t *testing.T) {
	tests := []struct {
		golden  string
		config  gateway.Config
		request *http.Request
	}{
		{
			golden: "put",
			config: gateway.Config{Routes: []string{"$default", "PUT /v1/chats/readByAgent"}},
			request: request("PUT", "/v1/chats/readByAgent", `{"id": 5208,"read": true}`, http.Header{
				"Accept": {"*/*"}, "Authorization": {"Bearer token"}, "Content-Type": {"application/json; charset=utf-8"},
				"User-Agent": {"curl/8.5.0"}, "Connection": {"keep-alive"},
			}),
		},
		{
			golden: "get-jwt",
			config: gateway.Config{Routes: []string{"$default"}, AccountID: "123456789012", Authorize: jwt},
			request: request("GET", "/pets/a%20b?tag=a%2Cb&tag=c&empty=&q=%C3%BC", "", http.Header{
				"User-Agent": {"Go-http-client/1.1"}, "X-Many": {"1,2", "3"}, "X-Forwarded-For": {"198.51.100.1"},
				"Cookie": {"a=1; b=2", "c=3"},
			}),
		},
	}
	for _, test := range tests {
		t.Run(test.golden, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				f := &function{}
				test.request.Header.Set("X-Amzn-Trace-Id", "Root=1-5e9f0c65-1de4d666d4dd26aced652b6c")
				w := serve(t, f, test.config, test.request)
				id := w.Header().Get("Apigw-Requestid")
				if !regexp.MustCompile(`^[\w-]{15}=$`).MatchString(id) {
					t.Errorf("request id %q", id)
				}
				golden, err := os.ReadFile("testdata/" + test.golden + ".json")
				if err != nil {
					t.Fatal(err)
				}
				want := strings.Replace(string(golden), `"ID"`, `"`+id+`"`, 1)
				if !reflect.DeepEqual(decoded(t, f.event), decoded(t, []byte(want))) {
					t.Errorf("got  %s\nwant %s", f.event, want)
				}
			})
		})
	}
}

// jwt lets everybody in as API Gateway's JWT authorizer does the bearer of a good token.
func jwt(*http.Request, []byte) (gateway.Identity, int) {
	return gateway.Identity{"jwt": map[string]any{"claims": map[string]string{"sub": "crm", "iss": "https://issuer.example"}, "scopes": []string{"marks"}}}, 0
}

func request(method, url, body string, header http.Header) *http.Request {
	r := httptest.NewRequest(method, url, strings.NewReader(body))
	r.Header = header
	r.Host = "local00000.execute-api.us-east-1.amazonaws.com"
	r.RemoteAddr = "203.0.113.7:54321"
	return r
}

func decoded(t *testing.T, text []byte) (value any) {
	t.Helper()
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	return value
}

// read decodes an event as aws-lambda-go does.
func read(t *testing.T, f *function) events.APIGatewayV2HTTPRequest {
	t.Helper()
	var event events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(f.event, &event); err != nil {
		t.Fatal(err)
	}
	return event
}

func TestContentTypeDecidesHowABodyArrives(t *testing.T) {
	const text, encoded = `{"a":1}`, "eyJhIjoxfQ=="
	tests := []struct {
		contentType string
		want        string
	}{
		{"application/json", text},
		{"application/json; charset=utf-8", text},
		{"APPLICATION/JSON;charset=UTF-8", text},
		{"application/json; broken", text},
		{"application/xml", text},
		{"application/javascript", text},
		{"text/plain", text},
		{"text/anything; q=1", text},
		{"", encoded},
		{"application/problem+json", encoded},
		{"application/vnd.api+json", encoded},
		{"application/jsonl", encoded},
		{"application/x-www-form-urlencoded", encoded},
		{"application/octet-stream", encoded},
		{"multipart/form-data; boundary=x", encoded},
		{"json", encoded},
	}
	for _, test := range tests {
		t.Run(test.contentType, func(t *testing.T) {
			f := &function{}
			header := http.Header{}
			if test.contentType != "" {
				header.Set("Content-Type", test.contentType)
			}
			serve(t, f, gateway.Config{}, request("POST", "/", text, header))
			if got := read(t, f); got.Body != test.want || got.IsBase64Encoded != (test.want == encoded) {
				t.Errorf("body %q, base64 %v", got.Body, got.IsBase64Encoded)
			}
		})
	}
}

func TestNoBodyIsNoField(t *testing.T) {
	f := &function{}
	serve(t, f, gateway.Config{}, request("POST", "/", "", http.Header{}))
	event := decoded(t, f.event).(map[string]any)
	for _, name := range []string{"body", "cookies", "queryStringParameters"} {
		if value, ok := event[name]; ok {
			t.Errorf("%s is there: %v", name, value)
		}
	}
	if authorizer, ok := event["requestContext"].(map[string]any)["authorizer"]; ok {
		t.Errorf("an authorizer without Authorize: %v", authorizer)
	}
	if event["isBase64Encoded"] != false || event["rawQueryString"] != "" {
		t.Errorf("got %s", f.event)
	}
}

func TestTraceIDIsMadeUnlessTheCallerBringsOne(t *testing.T) {
	f := &function{}
	serve(t, f, gateway.Config{}, request("GET", "/", "", http.Header{}))
	trace := read(t, f).Headers["x-amzn-trace-id"]
	if !regexp.MustCompile(`^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$`).MatchString(trace) {
		t.Errorf("got %q", trace)
	}
}

// Through a real socket, for what net/http itself does to a request.
func TestOverASocket(t *testing.T) {
	f := says(`{"statusCode":201,"headers":{"X-Own":"1"},"body":"made"}`)
	server := httptest.NewServer(gateway.New(f, gateway.Config{Routes: []string{"$default"}}))
	defer server.Close()
	// A reader of unknown length makes the client send chunks.
	r, err := http.NewRequestWithContext(t.Context(), "PUT", server.URL+"/a%3Fb/c?x=1", io.MultiReader(strings.NewReader("chunks")))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "text/plain")
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	body, _ := io.ReadAll(response.Body)
	if response.StatusCode != 201 || string(body) != "made" || response.Header.Get("X-Own") != "1" || response.ContentLength != 4 {
		t.Errorf("got %d %q %v", response.StatusCode, body, response.Header)
	}
	event := read(t, f)
	if event.Body != "chunks" || event.Headers["content-length"] != "6" || event.Headers["host"] == "" || event.Headers["transfer-encoding"] != "" {
		t.Errorf("event %s", f.event)
	}
	if event.RawPath != "/a" || event.RawQueryString != "x=1" {
		t.Errorf("path %q, query %q", event.RawPath, event.RawQueryString)
	}
	if event.RequestContext.HTTP.SourceIP != "127.0.0.1" || event.RequestContext.HTTP.Protocol != "HTTP/1.1" {
		t.Errorf("context %+v", event.RequestContext.HTTP)
	}
}
