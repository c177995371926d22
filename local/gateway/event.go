package gateway

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// event is payload format 2.0:
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
type event struct {
	events.APIGatewayV2HTTPRequest
	RequestContext requestContext `json:"requestContext"`
}

// requestContext has two members in the place of the embedded ones: aws-lambda-go, which reads events, would write a client's
// certificate and a Cognito identity where there are none.
type requestContext struct {
	events.APIGatewayV2HTTPRequestContext
	Authorizer     Identity `json:"authorizer,omitempty"`
	Authentication any      `json:"authentication,omitempty"` // always nil: nobody calls with a certificate
}

func (g *Gateway) event(r *http.Request, requestID, routeKey string, authorizer Identity, body []byte) []byte {
	now := time.Now().UTC()
	text, encoded := eventBody(r.Header.Get("Content-Type"), body)
	e := event{RequestContext: requestContext{Authorizer: authorizer}}
	e.APIGatewayV2HTTPRequest = events.APIGatewayV2HTTPRequest{
		Version:               "2.0",
		RouteKey:              routeKey,
		RawPath:               rawPath(r),
		RawQueryString:        r.URL.RawQuery,
		Cookies:               cookies(r),
		Headers:               headers(r, len(body), now),
		QueryStringParameters: join(r.URL.Query()),
		Body:                  text,
		IsBase64Encoded:       encoded,
	}
	e.RequestContext.APIGatewayV2HTTPRequestContext = events.APIGatewayV2HTTPRequestContext{
		AccountID:    g.config.AccountID,
		APIID:        apiID,
		DomainName:   fmt.Sprintf("%s.execute-api.%s.amazonaws.com", apiID, g.config.Region),
		DomainPrefix: apiID,
		HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
			Method: r.Method, Path: rawPath(r), Protocol: r.Proto, SourceIP: sourceIP(r), UserAgent: r.UserAgent(),
		},
		RequestID: requestID,
		RouteKey:  routeKey,
		Stage:     defaultName,
		Time:      now.Format("02/Jan/2006:15:04:05 -0700"),
		TimeEpoch: now.UnixMilli(),
	}
	payload, _ := json.Marshal(e) // strings and numbers can always be marshalled
	return payload
}

// rawPath is not raw: HTTP APIs decode it, and lose what follows a decoded question mark (seen on AWS).
func rawPath(r *http.Request) string {
	path, _, _ := strings.Cut(r.URL.Path, "?")
	return path
}

// eventBody decides by the content type alone, as API Gateway does (seen on AWS): forms, +json types and a body without a
// type are binary to it.
func eventBody(contentType string, body []byte) (text string, encoded bool) {
	if len(body) == 0 || isText(contentType) {
		return string(body), false
	}
	return base64.StdEncoding.EncodeToString(body), true
}

func isText(contentType string) bool {
	mediaType, _, _ := strings.Cut(strings.ToLower(contentType), ";")
	switch mediaType = strings.TrimSpace(mediaType); mediaType {
	case "application/json", "application/xml", "application/javascript":
		return true
	}
	return strings.HasPrefix(mediaType, "text/")
}

// join makes one value of many, with commas. It is nil for none: the event then has no such field.
func join(values url.Values) map[string]string {
	if len(values) == 0 {
		return nil
	}
	joined := make(map[string]string, len(values))
	for name, list := range values {
		joined[name] = strings.Join(list, ",")
	}
	return joined
}

// headers returns the event's headers: names in lower case, many values joined by commas, the cookies left out, and the ones
// that API Gateway adds. The API is always called by HTTPS on AWS, and says so here too.
func headers(r *http.Request, bodyLength int, now time.Time) map[string]string {
	all := map[string]string{}
	for name, values := range r.Header {
		all[strings.ToLower(name)] = strings.Join(values, ",")
	}
	// What ends at a proxy (RFC 9110, section 7.6.1), and what has its own place in the event.
	for _, name := range []string{"connection", "keep-alive", "proxy-connection", "te", "trailer", "transfer-encoding", "upgrade", "cookie"} {
		delete(all, name)
	}
	all["host"] = r.Host
	all["content-length"] = strconv.Itoa(bodyLength)
	forwarded := sourceIP(r)
	if before := all["x-forwarded-for"]; before != "" {
		forwarded = before + ", " + forwarded
	}
	all["x-forwarded-for"] = forwarded
	all["x-forwarded-port"] = "443"
	all["x-forwarded-proto"] = "https"
	if all["x-amzn-trace-id"] == "" {
		all["x-amzn-trace-id"] = fmt.Sprintf("Root=1-%08x-%x", now.Unix(), random(12))
	}
	return all
}

func cookies(r *http.Request) (all []string) {
	for _, cookie := range r.Cookies() {
		all = append(all, cookie.Name+"="+cookie.Value)
	}
	return all
}

func sourceIP(r *http.Request) string {
	host, _, _ := net.SplitHostPort(r.RemoteAddr) // net/http always has a port there
	return host
}

func random(n int) []byte {
	bytes := make([]byte, n)
	_, _ = rand.Read(bytes) // never fails
	return bytes
}
