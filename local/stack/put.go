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

// Put sends a mark to the HTTP API as a client of HelpCrunch does, with a caller's token; async adds Prefer: respond-async.
// The answer's body is read, the first MiB of it.
func (s *Stack) Put(ctx context.Context, reader, body, token string, async bool) (*http.Response, []byte, error) {
	endpoint := map[string]string{"agent": "readByAgent", "customer": "readByCustomer"}[reader]
	request, err := http.NewRequestWithContext(ctx, http.MethodPut, s.GatewayURL+"/v1/chats/"+endpoint, strings.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	request.Header.Set("Authorization", "Bearer "+token)
	request.Header.Set("Content-Type", "application/json")
	if async {
		request.Header.Set("Prefer", "respond-async")
	}
	answer, err := client.Do(request)
	if err != nil {
		return nil, nil, err
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(io.LimitReader(answer.Body, 1<<20))
	return answer, text, err
}
