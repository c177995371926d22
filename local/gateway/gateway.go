// Package gateway is an HTTP front like an API Gateway HTTP API with Lambda integrations: it turns a request into an event
// of payload format 2.0 and the function's answer into a response. Authorizers, CORS and custom domains are API Gateway's
// own and not imitated.
//
// Where the documentation is silent, it does what was seen on AWS: rawPath arrives decoded, a body is text for a few content
// types only, an answer without a statusCode is passed on as it is even if it is no JSON. A WWW-Authenticate header is passed
// on under its own name; that HTTP APIs rename it, as REST APIs do, could not be confirmed.
package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"
)

const (
	maxBody    = 10 << 20 // bytes; this and the next are quotas of HTTP APIs
	maxHeaders = 10240    // bytes of request line and header values together
)

// Invoker runs the function behind the routes. An error with a method Throttled() bool that says true is a refusal for want
// of environments; any other one is the function's failure.
type Invoker interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

// Config describes the API. Routes is required; other zero values have defaults.
type Config struct {
	Routes    []string      // route keys: "PUT /v1/chats/readByAgent", "ANY /pets/{id}", "GET /{proxy+}", "$default"
	Stage     string        // $default; a named stage is the first part of every path
	Timeout   time.Duration // of the integration; 30 s, the most that HTTP APIs allow
	Region    string        // us-east-1
	AccountID string        // 000000000000
	APIID     string        // local00000
	// Failed is told why a request was answered with 500 or 503, which its caller is not; nil drops it. It must be safe for
	// concurrent use.
	Failed func(requestID string, err error)
}

// Gateway is the API. It is safe for concurrent use.
type Gateway struct {
	config  Config
	invoker Invoker
	routes  []route
}

// New makes an http.Handler. Its error names all route keys that are none.
func New(invoker Invoker, config Config) (*Gateway, error) {
	config.Stage = cmp.Or(config.Stage, defaultName)
	config.Timeout = cmp.Or(config.Timeout, 30*time.Second)
	config.Region = cmp.Or(config.Region, "us-east-1")
	config.AccountID = cmp.Or(config.AccountID, "000000000000")
	config.APIID = cmp.Or(config.APIID, "local00000")
	if len(config.Routes) == 0 {
		return nil, errors.New("an API needs a route")
	}
	routes, err := parseRoutes(config.Routes)
	if err != nil {
		return nil, err
	}
	return &Gateway{config: config, invoker: invoker, routes: routes}, nil
}

// ServeHTTP answers a request as API Gateway does. What API Gateway refuses by itself has its shape: {"message":"..."}.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	requestID := newRequestID()
	w.Header().Set("Apigw-Requestid", requestID)
	path, inStage := g.stagePath(r)
	matched, parameters := match(g.routes, r.Method, path)
	if !inStage || matched == nil {
		refuse(w, http.StatusNotFound, "Not Found")
		return
	}
	if headerSize(r) > maxHeaders {
		refuse(w, http.StatusRequestHeaderFieldsTooLarge, "Request Header Fields Too Large")
		return
	}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		refuse(w, http.StatusBadRequest, "Bad Request") // the caller has most likely gone
		return
	}
	if len(body) > maxBody {
		refuse(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
		return
	}
	event := g.event(r, requestID, matched.key, parameters, body)
	answer, err := g.invoke(r.Context(), event)
	if err != nil {
		g.fail(w, requestID, err)
		return
	}
	response, err := readResponse(answer)
	if err != nil {
		g.fail(w, requestID, err)
		return
	}
	response.write(w)
}

// invoke waits for the function no longer than the integration's timeout. A caller who has gone does not end it, as on AWS.
func (g *Gateway) invoke(ctx context.Context, event []byte) ([]byte, error) {
	ctx, cancel := context.WithTimeoutCause(context.WithoutCancel(ctx), g.config.Timeout, errTimeout)
	defer cancel()
	answer, err := g.invoker.Invoke(ctx, event)
	if err != nil && context.Cause(ctx) == errTimeout {
		return nil, fmt.Errorf("%w after %s", errTimeout, g.config.Timeout)
	}
	return answer, err
}

// stagePath gives the path that routes are matched with. The $default stage is at the root; a named one precedes the path.
func (g *Gateway) stagePath(r *http.Request) (string, bool) {
	path := rawPath(r)
	if g.config.Stage == defaultName {
		return path, true
	}
	rest, ok := strings.CutPrefix(path, "/"+g.config.Stage)
	if !ok || rest != "" && rest[0] != '/' {
		return "", false
	}
	return cmp.Or(rest, "/"), true
}

// headerSize counts as the quota does: the request line and the values, without the names.
func headerSize(r *http.Request) int {
	size := len(r.Method) + len(r.RequestURI) + len(r.Proto) + len(r.Host)
	for _, values := range r.Header {
		for _, value := range values {
			size += len(value)
		}
	}
	return size
}
