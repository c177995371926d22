// Package key proves that HelpCrunch takes a new API key, and watches the marks drain that waited for it.
package key

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"net/url"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/shared/helpcrunch"
	"helpcrunch-mark-read/shared/outcome"
)

const (
	proveWithin = 15 * time.Second
	maxAnswer   = 64 << 10 // only an error list is read
)

// ErrRejected says that HelpCrunch does not accept the key.
var ErrRejected = errors.New("HelpCrunch rejects the key")

// unproven is for an answer that does not say whether HelpCrunch accepts the key.
func unproven(format string, args ...any) error {
	return fmt.Errorf("the key could not be proved: "+format, args...)
}

// Prove asks HelpCrunch for its list of agents (GET /agents below baseURL), which changes nothing. It costs one call of the
// account's limit. The error is ErrRejected where it says no, and quotes nothing foreign; the list is not read.
func Prove(ctx context.Context, transport http.RoundTripper, baseURL, key string) error {
	if err := CheckBaseURL(baseURL); err != nil {
		return unproven("the base URL %q can't be called: %w", baseURL, err)
	}
	ctx, cancel := context.WithTimeout(ctx, proveWithin)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, baseURL+"/agents", nil)
	if err != nil {
		return unproven("the base URL can't be called")
	}
	request.Header = http.Header{"Authorization": {"Bearer " + key}, "Accept": {"application/json"}, "User-Agent": {"helpcrunch-mark-read-ops"}}
	response, err := transport.RoundTrip(request) // and no client: a redirect could carry the key to another host
	if err != nil {
		return unproven("HelpCrunch can't be reached at %s", request.URL.Host)
	}
	defer response.Body.Close()
	return judge(helpcrunch.ReadAnswer(response, key, maxAnswer), request.URL.Host)
}

// judge reads the answer by the outcome table. A 403 is about the key: no chat was named.
func judge(a *helpcrunch.Answer, host string) error {
	switch outcome.Decide(outcome.Evidence{Answer: a, Forbidden: true}).Outcome {
	case outcome.Applied:
		return nil
	case outcome.KeyRejected:
		return fmt.Errorf("%w (status %d)", ErrRejected, a.Status)
	case outcome.RateLimited:
		return unproven("the account's limit of requests is used up; try again in a minute")
	case outcome.Unavailable:
		return unproven("HelpCrunch is not available (status %d)", a.Status)
	}
	return unproven("what answers at %s is not HelpCrunch's API (status %d); check the base URL", host, a.Status)
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

const (
	lookEvery  = 5 * time.Second // how often the queue's numbers are read; SQS brings them up to date within about a minute
	emptyLooks = 3               // how many looks in a row must find nothing: the numbers are approximate
)

// Drain watches a queue until it is empty, ctx ends or the time is over, and returns the last numbers. Held marks count as in
// flight; each comes back by itself within 15 minutes.
func Drain(ctx context.Context, api *sqs.Client, queueURL string, within time.Duration, show func(deadletters.Counts)) (deadletters.Counts, error) {
	end := time.After(within)
	for empty := 0; ; {
		counts, err := deadletters.Count(ctx, api, queueURL)
		if err != nil {
			return counts, err
		}
		show(counts)
		if empty++; counts.Total() > 0 {
			empty = 0
		}
		if empty == emptyLooks {
			return counts, nil
		}
		select {
		case <-ctx.Done():
			return counts, ctx.Err()
		case <-end:
			return counts, nil
		case <-time.After(lookEvery):
		}
	}
}
