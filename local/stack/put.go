package stack

import (
	"context"
	"io"
	"net/http"
	"strings"
	"time"
)

// client is a caller of the HTTP API. Its timeout is API Gateway's own integration timeout.
var client = &http.Client{Timeout: 30 * time.Second}

// Answer is an answer of the HTTP API.
type Answer struct {
	Status int
	Header http.Header
	Body   []byte // the first MiB of it
}

// Put sends a mark to the HTTP API as a client of HelpCrunch does, with a caller's token; async adds Prefer: respond-async.
func (s *Stack) Put(ctx context.Context, reader, body, token string, async bool) (Answer, error) {
	endpoint := map[string]string{"agent": "readByAgent", "customer": "readByCustomer"}[reader]
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, s.GatewayURL+"/v1/chats/"+endpoint, strings.NewReader(body))
	if err != nil {
		return Answer{}, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	if async {
		request.Header.Set("Prefer", "respond-async")
	}
	response, err := client.Do(request)
	if err != nil {
		return Answer{}, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(io.LimitReader(response.Body, 1<<20))
	return Answer{response.StatusCode, response.Header, text}, err
}
