package httpapi

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"

	"helpcrunch-mark-read/shared/mark"
)

// Request is the part of API Gateway's payload 2.0 event that is used, which function URLs send too. It is not
// events.APIGatewayV2HTTPRequest because that one cannot be decoded when a JWT claim is no string.
type Request struct {
	RouteKey       string            `json:"routeKey"`
	RawPath        string            `json:"rawPath"`
	Headers        map[string]string `json:"headers"`
	RequestContext struct {
		Stage      string          `json:"stage"`
		Authorizer json.RawMessage `json:"authorizer"`
		HTTP       struct {
			Method string `json:"method"`
		} `json:"http"`
	} `json:"requestContext"`
	Body            string `json:"body"`
	IsBase64Encoded bool   `json:"isBase64Encoded"`
}

// authorized reports whether API Gateway, or a function URL with AWS_IAM, has authorized the caller.
func (r *Request) authorized() bool {
	var by struct {
		IAM    json.RawMessage `json:"iam"`
		JWT    json.RawMessage `json:"jwt"`
		Lambda json.RawMessage `json:"lambda"`
	}
	if json.Unmarshal(r.RequestContext.Authorizer, &by) != nil {
		return false
	}
	return isObject(by.IAM) || isObject(by.JWT) || isObject(by.Lambda)
}

func isObject(value json.RawMessage) bool { return len(value) > 0 && value[0] == '{' }

// readers maps HelpCrunch's own paths, without the slash that they begin with, to whose flag they set.
var readers = map[string]mark.Reader{
	"v1/chats/readByAgent":    mark.Agent,
	"v1/chats/readByCustomer": mark.Customer,
}

// reader returns the reader that the request's path names. A route of API Gateway's is the path by itself; the catch-all
// route, and one with a variable in it, leave it to the raw path. A named stage precedes that one, but not behind a custom
// domain: a stage v1 is taken off only where the path is unknown with it. Empty path segments are ignored.
func (r *Request) reader() (mark.Reader, bool) {
	_, path, ok := strings.Cut(r.RouteKey, " ")
	if !ok || strings.Contains(path, "{") {
		path = r.RawPath
	}
	path = strings.Join(strings.FieldsFunc(path, func(c rune) bool { return c == '/' }), "/")
	if _, known := readers[path]; !known && r.RequestContext.Stage != "" {
		path = strings.TrimPrefix(path, r.RequestContext.Stage+"/")
	}
	reader, ok := readers[path]
	return reader, ok
}

// header returns a header's value whatever the case of its name.
func (r *Request) header(name string) string {
	if value, ok := r.Headers[name]; ok {
		return value
	}
	var values []string
	for key, value := range r.Headers {
		if strings.EqualFold(key, name) {
			values = append(values, value)
		}
	}
	slices.Sort(values)
	return strings.Join(values, ",")
}

// mark reads the body as a mark; its error is a *mark.InvalidError.
func (r *Request) mark(reader mark.Reader) (mark.Mark, error) {
	body := []byte(r.Body)
	if r.IsBase64Encoded {
		decoded, err := base64.StdEncoding.DecodeString(r.Body)
		if err != nil {
			return mark.Mark{}, &mark.InvalidError{Faults: []mark.Fault{{Message: "the body arrived as base64 and cannot be decoded"}}}
		}
		body = decoded
	}
	return mark.ReadBody(body, reader)
}
