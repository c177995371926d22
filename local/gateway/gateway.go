// Package gateway is an API Gateway HTTP API with a Lambda integration: it turns a request into an event of
// payload format 2.0 and the function's answer into a response. Routes are literal, the stage is $default; CORS, custom
// domains, cookies of the function's, and the quota of headers are left out.
//
// Where the documentation is silent, it does what was seen on AWS: rawPath arrives decoded, and a body is text for a few content
// types only. A WWW-Authenticate header is passed on under its own name; that HTTP APIs rename it, as REST APIs do, could not be
// confirmed. An answer without a statusCode is a failure here, while AWS makes a 200 of it.
package gateway

import (
	"cmp"
	"context"
	"encoding/base64"
	"io"
	"net/http"
	"slices"
	"time"
)

const (
	maxBody = 10 << 20         // bytes; this and the next are quotas of HTTP APIs
	timeout = 30 * time.Second // of the integration
	apiID   = "local00000"

	// defaultName is the name of the stage at the root and of the route that takes what no other does.
	defaultName = "$default"
)

// Invoker runs the function behind the routes. An error with a method Throttled() bool that returns true is a refusal for
// lack of environments; any other is the function's failure.
type Invoker interface {
	Invoke(ctx context.Context, payload []byte) ([]byte, error)
}

// Config describes the API. Routes is required.
type Config struct {
	Routes    []string   // route keys: "PUT /v1/chats/readByAgent"; "$default" takes what no other does
	Authorize Authorizer // nil lets everybody in, and the event then has no authorizer
	Region    string     // us-east-1 when empty
	AccountID string     // 000000000000 when empty
}

// Gateway is the API. It is safe for concurrent use.
type Gateway struct {
	config  Config
	invoker Invoker
}

// New makes an http.Handler.
func New(invoker Invoker, config Config) *Gateway {
	config.Region = cmp.Or(config.Region, "us-east-1")
	config.AccountID = cmp.Or(config.AccountID, "000000000000")
	return &Gateway{config, invoker}
}

// ServeHTTP answers a request as API Gateway does. What API Gateway refuses by itself has its shape: {"message":"..."}.
func (g *Gateway) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	requestID := base64.URLEncoding.EncodeToString(random(11)) // API Gateway's form, "JKJaXmPLvHcESHA="
	w.Header().Set("Apigw-Requestid", requestID)
	route := r.Method + " " + rawPath(r)
	if !slices.Contains(g.config.Routes, route) {
		route = defaultName
	}
	if !slices.Contains(g.config.Routes, route) {
		refuse(w, http.StatusNotFound)
		return
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		refuse(w, http.StatusRequestEntityTooLarge) // or the caller has gone
		return
	}
	var caller Identity
	if g.config.Authorize != nil {
		var refusal int
		if caller, refusal = g.config.Authorize(r, body); refusal != 0 {
			refuse(w, refusal)
			return
		}
	}
	g.answer(r.Context(), w, g.event(r, requestID, route, caller, body))
}
