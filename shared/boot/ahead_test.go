package boot_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"helpcrunch-mark-read/shared/boot"
	"helpcrunch-mark-read/shared/helpcrunch/helpcrunchtest"
	"helpcrunch-mark-read/shared/httpapi"
)

// TestTheSecretsAreReadAhead counts the calls to Secrets Manager before the first invocation and in it.
func TestTheSecretsAreReadAhead(t *testing.T) {
	const request = `{"routeKey":"PUT /v1/chats/readByAgent","headers":{"authorization":"Bearer the-secrets-value"},"requestContext":{"authorizer":{"iam":{}},"http":{"method":"PUT"}},"body":"{\"id\": 5208, \"read\": true}"}`
	for _, tc := range []struct {
		name          string
		tokens        string
		refuse        int // so many of the first requests
		before, after int
		want          string
	}{
		{"the key", "", 0, 1, 1, `"statusCode":200`},
		{"the key and the tokens", "tokens", 0, 2, 2, `"statusCode":200`},
		{"refused: no failed start, and the first request asks again", "", 1, 1, 2, `"statusCode":200`},
		{"refused for ever: an outcome", "", 100, 1, 2, `key_unavailable`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			fakeAWS(t)
			asked := make(chan string, 100)
			aws := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				asked <- string(body)
				w.Header().Set("Content-Type", "application/x-amz-json-1.1")
				if len(asked) <= tc.refuse {
					w.WriteHeader(http.StatusBadRequest)
					_, _ = io.WriteString(w, `{"__type":"AccessDeniedException","Message":"no"}`)
					return
				}
				fmt.Fprint(w, `{"SecretString":"the-secrets-value"}`)
			}))
			defer aws.Close()
			t.Setenv("AWS_ENDPOINT_URL", aws.URL)
			helpCrunch := helpcrunchtest.New(t, helpcrunchtest.Answer(200, "{}"))
			ahead := 0
			out := invoke(t, func(ctx context.Context, getenv func(string) string) (*httpapi.Handler, error) {
				handler, err := boot.HTTP(ctx, getenv)
				ahead = len(asked)
				return handler, err
			}, environment("HELPCRUNCH_BASE_URL", helpCrunch.URL+"/v1", "CALLER_TOKEN_SECRET_ID", tc.tokens), request)
			if ahead != tc.before || len(asked) != tc.after || !strings.Contains(out, tc.want) {
				t.Errorf("asked %d times ahead and %d in all, want %d and %d; answer %s", ahead, len(asked), tc.before, tc.after, out)
			}
		})
	}
}
