// Package key puts a new HelpCrunch API key into its secret, after proving that HelpCrunch takes it.
package key

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"strconv"
	"time"

	"helpcrunch-mark-read/shared/helpcrunch"
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
	if err := CheckBaseURL(baseURL); err != nil {
		return &UnprovenError{"the base URL " + strconv.Quote(baseURL) + " can't be called: " + err.Error()}
	}
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
	return judge(helpcrunch.ReadAnswer(response, key, maxAnswer), request.URL.Host)
}

// judge reads the answer as the outcome table does.
func judge(a *helpcrunch.Answer, host string) error {
	refused := a.Status == http.StatusBadRequest
	switch {
	case a.Status == http.StatusUnauthorized, a.Status == http.StatusForbidden && !a.HTML(),
		refused && a.Has(helpcrunch.CodeUnauthorized, helpcrunch.CodeInvalidToken):
		return &RejectedError{a.Status}
	case a.Status == http.StatusTooManyRequests, refused && a.Has(helpcrunch.CodeTooManyRequests):
		return &UnprovenError{"the account's limit of requests is used up; try again in a minute"}
	case a.Success() && !a.HTML() && !a.ErrorWith2xx():
		return nil
	case a.Status >= 500:
		return &UnprovenError{fmt.Sprintf("HelpCrunch is not available (status %d)", a.Status)}
	}
	return &UnprovenError{fmt.Sprintf("what answers at %s is not HelpCrunch's API (status %d); check the base URL", host, a.Status)}
}

// CheckBaseURL reports why a key must not be sent to a base URL: anybody on the way could read it. On this machine there is nobody.
func CheckBaseURL(baseURL string) error {
	parsed, err := url.Parse(baseURL)
	switch {
	case err != nil || parsed.Host == "":
		return errors.New("it is no URL")
	case parsed.Scheme == "https", parsed.Scheme == "http" && isLoopback(parsed.Hostname()):
		return nil
	}
	return errors.New("it does not begin with https://, and the key would be sent in clear text")
}

func isLoopback(host string) bool {
	address, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && address.IsLoopback()
}
