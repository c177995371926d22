package httpapi

import (
	"encoding/base64"
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
		Stage string `json:"stage"`
		HTTP  struct {
			Method string `json:"method"`
		} `json:"http"`
	} `json:"requestContext"`
	Body            string `json:"body"`
	IsBase64Encoded bool   `json:"isBase64Encoded"`
}

// readers says whose flag a path sets. The paths are HelpCrunch's own.
var readers = map[string]mark.Reader{
	"/v1/chats/readByAgent":    mark.Agent,
	"/v1/chats/readByCustomer": mark.Customer,
}

// reader gives the reader that the request's path names. A route of API Gateway's says the path by itself; the catch-all
// route, and one with a variable in it, leave it to the raw path. A named stage precedes that one, but not behind a custom
// domain: a stage v1 is taken off only where the path is none without it.
func (r *Request) reader() (mark.Reader, bool) {
	_, path, ok := strings.Cut(r.RouteKey, " ")
	if !ok || strings.Contains(path, "{") {
		path = r.RawPath
		if _, known := readers[path]; !known && r.RequestContext.Stage != "" {
			path = strings.TrimPrefix(path, "/"+r.RequestContext.Stage)
		}
	}
	reader, ok := readers[path]
	return reader, ok
}

// header gives a header's value whatever the case of its name.
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
