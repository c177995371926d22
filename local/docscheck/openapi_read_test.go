package docscheck

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// description is docs/openapi.yaml, ready to be compared with what is answered.
type description struct {
	document  map[string]any
	compiler  *jsonschema.Compiler
	responses map[string]any // by status, as written: "200", "2XX"
}

// location is a URL that needs no escape, wherever the repository lies; nothing is loaded from it.
const location = "https://docs.invalid/openapi.json"

func readDescription(t *testing.T) *description {
	t.Helper()
	d := &description{document: asJSON(t, parseYAML(t, "docs/openapi.yaml")).(map[string]any), compiler: jsonschema.NewCompiler()}
	if err := d.compiler.AddResource(location, d.document); err != nil {
		t.Fatal(err)
	}
	d.responses = d.at("/paths/~1chats~1readByAgent/put/responses").(map[string]any)
	return d
}

// at returns what a JSON pointer points at, and follows a $ref that stands there.
func (d *description) at(pointer string) any {
	var value any = d.document
	for part := range strings.SplitSeq(strings.TrimPrefix(pointer, "/"), "/") {
		part = strings.NewReplacer("~1", "/", "~0", "~").Replace(part)
		value = value.(map[string]any)[part]
	}
	return d.follow(value)
}

func (d *description) follow(value any) any {
	if fields, ok := value.(map[string]any); ok {
		if ref, ok := fields["$ref"].(string); ok {
			return d.at(strings.TrimPrefix(ref, "#"))
		}
	}
	return value
}

// response returns the name among the components of the response to a status; "" when there is none.
func (d *description) response(status int) string {
	entry, ok := d.responses[strconv.Itoa(status)].(map[string]any)
	if !ok {
		entry, ok = d.responses[strconv.Itoa(status/100)+"XX"].(map[string]any)
	}
	if !ok {
		return ""
	}
	return strings.TrimPrefix(entry["$ref"].(string), "#/components/responses/")
}

// headers are those of a response, by their name as Go writes it.
func (d *description) headers(response string) map[string]any {
	described, _ := d.at("/components/responses/" + response).(map[string]any)["headers"].(map[string]any)
	headers := map[string]any{}
	for name, header := range described {
		headers[http.CanonicalHeaderKey(name)] = d.follow(header)
	}
	return headers
}

const media = "/content/application~1json"

// examples are the example bodies of a response, by name; none where there is no response.
func (d *description) examples(response string) map[string]any {
	values := map[string]any{}
	if response == "" {
		return values
	}
	for name, example := range d.at("/components/responses/" + response + media + "/examples").(map[string]any) {
		values[name] = example.(map[string]any)["value"]
	}
	return values
}

// validate holds a body against the schema of a response.
func (d *description) validate(response string, body any) error {
	schema, err := d.compiler.Compile(location + "#/components/responses/" + response + media + "/schema")
	if err != nil {
		return err
	}
	return schema.Validate(body)
}

// transport are the headers that say nothing about the API.
var transport = []string{"Content-Type", "Content-Length", "Date", "Apigw-Requestid"}

// undocumented returns the headers that were answered and are not described, and those that are described as required and
// were not answered.
func (d *description) undocumented(response string, answered http.Header) (faults []string) {
	described := d.headers(response)
	for name := range answered {
		if described[name] == nil && !slices.Contains(transport, name) {
			faults = append(faults, name+" is not described")
		}
	}
	for name, header := range described {
		fields := header.(map[string]any)
		value := answered.Get(name)
		if value == "" {
			if fields["required"] == true {
				faults = append(faults, name+" is missing")
			}
			continue
		}
		if constant := fields["schema"].(map[string]any)["const"]; constant != nil && constant != value {
			faults = append(faults, name+" is "+value)
		}
	}
	return faults
}
