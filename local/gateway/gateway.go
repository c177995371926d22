// Package gateway stands in for an API Gateway HTTP API with a Lambda integration: it turns a request into an event of
// payload format 2.0 and the function's answer into a response. Routes are literal, the stage is $default; JWT authorizers,
// CORS and custom domains are left out.
//
// Where the documentation is silent, it does what was seen on AWS: rawPath arrives decoded, a body is text for a few content
// types only, an answer without a statusCode is passed on as it is even if it is not JSON. A WWW-Authenticate header is passed
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

// Invoker runs the function behind the routes. An error with a method Throttled() bool that returns true is a refusal for
// lack of environments; any other is the function's failure.
type Invoker interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

// Config describes the API. Routes is required; other zero values have defaults.
type Config struct {
	Routes    []string      // route keys: "PUT /v1/chats/readByAgent"; "$default" takes what no other does
	Authorize Authorizer    // nil lets everybody in, and the event then has no authorizer
	Timeout   time.Duration // of the integration; 30 s, the most that HTTP APIs allow
	Region    string        // us-east-1
	AccountID string        // 000000000000
	APIID     string        // local00000
	// Failed is called with the reason of each 500 and 503, which the caller does not see; nil drops it. It must be safe for
	// concurrent use.
	Failed func(requestID string, err error)
}

// Gateway is the API. It is safe for concurrent use.
type Gateway struct {
	config  Config
	invoker Invoker
	routes  map[string]bool
}

// defaultName is the name of the stage at the root and of the route that takes what no other does.
const defaultName = "$default"

// New makes an http.Handler. Its error names all invalid route keys.
func New(invoker Invoker, config Config) (*Gateway, error) {
	config.Timeout = cmp.Or(config.Timeout, 30*time.Second)
	config.Region = cmp.Or(config.Region, "us-east-1")
	config.AccountID = cmp.Or(config.AccountID, "000000000000")
	config.APIID = cmp.Or(config.APIID, "local00000")
	if len(config.Routes) == 0 {
		return nil, errors.New("an API needs a route")
	}
	g := &Gateway{config: config, invoker: invoker, routes: map[string]bool{}}
	var faults []error
	for _, key := range config.Routes {
		method, path, _ := strings.Cut(key, " ")
		if key != defaultName && (method == "" || !strings.HasPrefix(path, "/")) {
			faults = append(faults, fmt.Errorf("%q is not a route key", key))
		}
		g.routes[key] = true
	}
	if err := errors.Join(faults...); err != nil {
		return nil, err
	}
	return g, nil
}

// ServeHTTP answers a request as API Gateway does. What API Gateway refuses by itself has its shape: {"message":"..."}.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	requestID := newRequestID()
	w.Header().Set("Apigw-Requestid", requestID)
	route := r.Method + " " + rawPath(r)
	if !g.routes[route] {
		route = defaultName
	}
	if !g.routes[route] {
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
	var authorizer map[string]any
	if g.config.Authorize != nil {
		var refusal int
		if authorizer, refusal = g.config.Authorize(r, body); refusal != 0 {
			refuse(w, refusal, http.StatusText(refusal))
			return
		}
	}
	answer, err := g.invoke(r.Context(), g.event(r, requestID, route, authorizer, body))
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
