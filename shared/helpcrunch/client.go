// Package helpcrunch calls the two endpoints of HelpCrunch's API that mark a chat, and reads whatever comes back.
// Standard library only. What an answer means is decided in package outcome, not here.
package helpcrunch

import (
	"bytes"
	"context"
	"maps"
	"net/http"

	"helpcrunch-mark-read/shared/mark"
)

// DefaultBaseURL is where HelpCrunch's documentation says the API is.
const DefaultBaseURL = "https://api.helpcrunch.com/v1"

// Client calls HelpCrunch. It is safe for concurrent use.
type Client struct {
	urls      map[mark.Reader]string
	transport http.RoundTripper
	maxBody   int
	header    http.Header // of every request, less the key
}

// New returns a client for the API below baseURL (no slash at its end) that keeps at most maxBody bytes of an answer's body.
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

// bodyBytes is enough for every body of a mark.
const bodyBytes = 64

// Mark makes one call. As soon as HelpCrunch has sent a status there is an Answer and no error, whatever the status and
// however the body ends; the error is a *NoAnswerError. The call ends with ctx. The key must be visible ASCII.
func (c *Client) Mark(ctx context.Context, key string, m mark.Mark) (*Answer, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, c.urls[m.Reader], bytes.NewReader(m.AppendBody(make([]byte, 0, bodyBytes))))
	if err != nil {
		return nil, &NoAnswerError{Reason: "the base URL cannot be called"}
	}
	request.Header = maps.Clone(c.header)
	request.Header["Authorization"] = []string{"Bearer " + key}
	// Not an http.Client, whose business is redirects: it would turn a redirected PUT into a GET that answers 200, carry
	// the key to another host, and lose the status when it cannot read the Location.
	response, err := c.transport.RoundTrip(request)
	if err != nil {
		return nil, noAnswer(ctx, err)
	}
	defer response.Body.Close()
	return ReadAnswer(response, key, c.maxBody), nil
}
