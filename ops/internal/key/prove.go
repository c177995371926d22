// Package key puts a new HelpCrunch API key into its secret, after proving that HelpCrunch takes it.
package key

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	proveWithin = 15 * time.Second
	maxAnswer   = 64 << 10 // only an error list is read
)

// RejectedError says that HelpCrunch does not accept the key.
type RejectedError struct{ Status int }

func (e *RejectedError) Error() string {
	return fmt.Sprintf("HelpCrunch rejects the key (status %d)", e.Status)
}

// UnprovenError says that HelpCrunch gave no answer that says whether it accepts the key.
type UnprovenError struct{ Reason string }

func (e *UnprovenError) Error() string { return "the key could not be proved: " + e.Reason }

// Prove asks HelpCrunch for its list of agents (GET /agents below baseURL), which changes nothing. It costs one call of the
// account's limit. The error is a *RejectedError or an *UnprovenError, and quotes nothing foreign; the list is not read.
func Prove(ctx context.Context, transport http.RoundTripper, baseURL, key string) error {
	ctx, cancel := context.WithTimeout(ctx, proveWithin)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, baseURL+"/agents", nil)
	if err != nil {
		return &UnprovenError{"the base URL can't be called"}
	}
	request.Header = http.Header{"Authorization": {"Bearer " + key}, "Accept": {"application/json"}, "User-Agent": {"helpcrunch-mark-read-ops"}}
	client := http.Client{
		Transport: transport,
		// A redirect could carry the key to another host.
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
	response, err := client.Do(request)
	if err != nil {
		return &UnprovenError{"HelpCrunch can't be reached at " + request.URL.Host}
	}
	defer response.Body.Close()
	return judge(response)
}

func judge(response *http.Response) error {
	status := response.StatusCode
	var codes []string
	if status == http.StatusBadRequest {
		codes = codesOf(response.Body) // as in the outcome table: they can say what another status usually says
	}
	html := strings.HasPrefix(response.Header.Get("Content-Type"), "text/html")
	switch {
	case status == http.StatusUnauthorized, status == http.StatusForbidden, has(codes, "unauthorized", "invalid_token"):
		return &RejectedError{status}
	case status == http.StatusTooManyRequests, has(codes, "too_many_requests"):
		return &UnprovenError{"the account's limit of requests is used up; try again in a minute"}
	case status >= 200 && status <= 299 && !html:
		return nil
	case status >= 500:
		return &UnprovenError{fmt.Sprintf("HelpCrunch is not available (status %d)", status)}
	}
	return &UnprovenError{fmt.Sprintf("what answers at %s is not HelpCrunch's API (status %d); check the base URL", response.Request.URL.Host, status)}
}

func codesOf(body io.Reader) []string {
	content, _ := io.ReadAll(io.LimitReader(body, maxAnswer))
	var list struct{ Errors []struct{ Code string } }
	_ = json.Unmarshal(content, &list)
	var codes []string
	for _, e := range list.Errors {
		codes = append(codes, e.Code)
	}
	return codes
}

func has(codes []string, any ...string) bool {
	return slices.ContainsFunc(any, func(code string) bool { return slices.Contains(codes, code) })
}
