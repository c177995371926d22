// Package helpcrunch calls the two endpoints of HelpCrunch's API that mark a chat, and reads whatever comes back.
// Standard library only. What an answer means is decided in package outcome, not here.
package helpcrunch

import (
	"bytes"
	"context"
	"maps"
	"net"
	"net/http"
	"sync/atomic"
	"time"

	"helpcrunch-mark-read/shared/mark"
)

// DefaultBaseURL is where HelpCrunch's documentation says the API is.
const DefaultBaseURL = "https://api.helpcrunch.com/v1"

// Client calls HelpCrunch. It is safe for concurrent use.
type Client struct {
	urls      map[mark.Reader]string
	transport http.RoundTripper
	maxBody   int
	header    http.Header            // of every request, less the key
	latest    atomic.Pointer[header] // with the key of the latest request
}

// header is what every request with a key is sent with. It is never changed: a transport only reads it.
type header struct {
	key    string
	header http.Header
}

// New makes a client for the API below baseURL (no slash at its end) that keeps at most maxBody bytes of an answer's body.
func New(baseURL string, transport http.RoundTripper, maxBody int) *Client {
	urls := map[mark.Reader]string{mark.Agent: baseURL + "/chats/readByAgent", mark.Customer: baseURL + "/chats/readByCustomer"}
	return &Client{urls: urls, transport: transport, maxBody: maxBody, header: http.Header{
		"Content-Type":    {"application/json"},
		"Accept":          {"application/json"},
		"Accept-Encoding": {"identity"},
		"User-Agent":      {"helpcrunch-mark-read"},
		// An empty list sends no header, but lets net/http replay the PUT on a new connection when a kept-alive one
		// turns out to be dead, which Lambda's freezing makes common. A mark can be made twice without harm.
		"Idempotency-Key": {},
	}}
}

// NewTransport gives a transport for HelpCrunch's API: HTTP/1.1 with enough idle connections for a whole batch in flight.
func NewTransport() *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	return &http.Transport{
		Proxy:                  http.ProxyFromEnvironment,
		DialContext:            (&net.Dialer{Timeout: 5 * time.Second, KeepAlive: 15 * time.Second}).DialContext,
		Protocols:              protocols,
		MaxIdleConns:           100,
		MaxIdleConnsPerHost:    100, // fewer than the calls in flight would dial anew for every call
		IdleConnTimeout:        time.Minute,
		MaxResponseHeaderBytes: 64 << 10,
		DisableCompression:     true, // see readBody
	}
}

// bodyBytes is enough for every body of a mark.
const bodyBytes = 64

// Mark makes one call. As soon as HelpCrunch has sent a status there is an Answer and no error, whatever the status and
// however the body ends; the error is a *NoAnswerError. The call ends with ctx. The key must be visible ASCII.
func (c *Client) Mark(ctx context.Context, key string, m mark.Mark) (*Answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, c.urls[m.Reader], bytes.NewReader(m.AppendBody(make([]byte, 0, bodyBytes))))
	if err != nil {
		return nil, &NoAnswerError{Reason: "the base URL cannot be called"}
	}
	request.Header = c.headerWith(key)
	// Not an http.Client, whose business is redirects: it would turn a redirected PUT into a GET that answers 200, carry
	// the key to another host, and lose the status when it cannot read the Location.
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		return nil, noAnswer(ctx, err)
	}
	defer response.Body.Close()
	return readAnswer(response, key, c.maxBody), nil
}

// headerWith makes the header once for a key.
func (c *Client) headerWith(key string) http.Header {
	if latest := c.latest.Load(); latest != nil && latest.key == key {
		return latest.header
	}
	made := &header{key, maps.Clone(c.header)}
	made.header["Authorization"] = []string{"Bearer " + key}
	c.latest.Store(made)
	return made.header
}
