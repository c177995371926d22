package docscheck

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"helpcrunch-mark-read/local/gateway"
	"helpcrunch-mark-read/local/stack"
	"helpcrunch-mark-read/local/stack/stacktest"
	"helpcrunch-mark-read/shared/outcome"
)

// TestOpenAPI: every answer that is described is given by the running functions or by the API Gateway in front of them, with
// the status, the headers and the very words of the description, and no case here is answered otherwise.
func TestOpenAPI(t *testing.T) {
	t.Parallel()
	d, s := readDescription(t), stacktest.Start(t, stack.Options{NoMapping: true})
	described := map[string]bool{}
	for status, entry := range d.responses {
		name := strings.TrimPrefix(entry.(map[string]any)["$ref"].(string), "#/components/responses/")
		for example, body := range d.examples(name) {
			if err := d.validate(name, body); err != nil {
				t.Errorf("%s, example %s: %v", name, example, err)
			}
			described[status+" "+example] = true
		}
	}
	for _, tc := range openAPICases {
		t.Run(tc.example, func(t *testing.T) {
			renew(t, s, tc.fault, tc.hook)
			if tc.prepare != nil {
				tc.prepare(t, s)
			}
			d.compare(t, tc, tc.ask(t, s))
		})
		delete(described, tc.example)
	}
	for _, example := range slices.Sorted(maps.Keys(described)) {
		if notHere[example] == "" {
			t.Errorf("%s is described, and nothing answers so", example)
		}
	}
}

// compare holds an answer against the example that its case names.
func (d *description) compare(t *testing.T, tc openAPICase, answered *http.Response) {
	t.Helper()
	body, err := io.ReadAll(answered.Body)
	if err != nil {
		t.Fatal(err)
	}
	status, example, _ := strings.Cut(tc.example, " ")
	name := d.response(answered.StatusCode)
	if fmt.Sprint(answered.StatusCode) != status && !(status == "2XX" && answered.StatusCode/100 == 2) || name == "" {
		t.Fatalf("status %d: %s", answered.StatusCode, body)
	}
	value := fromJSON(t, string(body))
	if err := d.validate(name, value); err != nil {
		t.Error(err)
	}
	if want := d.examples(name)[example]; !tc.varies && !reflect.DeepEqual(value, want) {
		t.Errorf("answered %s, described as %v", body, want)
	}
	if answered.Header.Get("Content-Type") != "application/json" {
		t.Errorf("content type %q", answered.Header.Get("Content-Type"))
	}
	for _, fault := range d.undocumented(name, answered.Header) {
		t.Errorf("header %s", fault)
	}
	if tc.header != "" && answered.Header.Get(tc.header) != tc.value {
		t.Errorf("header %s is %q, want %q", tc.header, answered.Header.Get(tc.header), tc.value)
	}
	waits := answered.StatusCode == 429 || answered.StatusCode == 503
	if waits && strings.Contains(string(body), "errors") && answered.Header.Get("Retry-After") == "" {
		t.Error("the answer has no Retry-After")
	}
}

func (tc openAPICase) ask(t *testing.T, s *stack.Stack) *http.Response {
	t.Helper()
	base := s.GatewayURL
	if tc.front != nil {
		base = tc.front(t, s)
	}
	request, err := http.NewRequestWithContext(t.Context(), orElse(tc.method, http.MethodPut),
		base+orElse(tc.path, "/v1/chats/readByAgent"), strings.NewReader(orElse(tc.body, `{"id": 5208, "read": true}`)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Authorization", "Bearer "+orElse(tc.token, stack.Token))
	if tc.prefer != "" {
		request.Header.Set("Prefer", tc.prefer)
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = response.Body.Close() })
	return response
}

// orElse returns a case's own text, or the usual one.
func orElse(text, usual string) string {
	if text == "" {
		return usual
	}
	return text
}

// serve opens another HTTP API in front of an invoker, with the one route that takes everything, as a function URL does.
func serve(t *testing.T, invoker gateway.Invoker) string {
	t.Helper()
	server := httptest.NewServer(gateway.New(invoker, gateway.Config{Routes: []string{"$default"}}))
	t.Cleanup(server.Close)
	return server.URL
}

// TestOpenAPIHasEveryOutcome: each row of the outcome table has an example with its status and its code.
func TestOpenAPIHasEveryOutcome(t *testing.T) {
	d := readDescription(t)
	for _, row := range outcome.Table() {
		if row.HTTPStatus == 0 {
			continue
		}
		found := false
		for _, example := range d.examples(d.response(row.HTTPStatus)) {
			list, _ := example.(map[string]any)["errors"].([]any)
			found = found || len(list) > 0 && list[0].(map[string]any)["code"] == string(row.Outcome)
		}
		if !found {
			t.Errorf("status %d has no example with the code %s", row.HTTPStatus, row.Outcome)
		}
	}
}

// TestOpenAPIRoutes: the paths are the template's routes, and both are answered alike.
func TestOpenAPIRoutes(t *testing.T) {
	d := readDescription(t)
	var described, deployed []string
	for path, methods := range d.at("/paths").(map[string]any) {
		for method := range methods.(map[string]any) {
			described = append(described, strings.ToUpper(method)+" /v1"+path)
		}
	}
	for _, resource := range parseYAML(t, "template.yaml")["Resources"].(map[string]any) {
		fields := resource.(map[string]any)
		if fields["Type"] == "AWS::ApiGatewayV2::Route" {
			deployed = append(deployed, fields["Properties"].(map[string]any)["RouteKey"].(string))
		}
	}
	slices.Sort(described)
	slices.Sort(deployed)
	if !slices.Equal(described, deployed) {
		t.Errorf("described %v, deployed %v", described, deployed)
	}
	if !reflect.DeepEqual(d.at("/paths/~1chats~1readByCustomer/put/responses"), any(d.responses)) {
		t.Error("the two paths are described differently")
	}
}
