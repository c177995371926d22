package helpcrunch

import (
	"net/http"
	"strings"
	"time"
)

// MaxRetryAfter is the longest wait that is believed; more is cut to it.
const MaxRetryAfter = time.Hour

// parseRetryAfter reads a Retry-After header, seconds or any of HTTP's three date forms. It gives 0 for a header that is
// absent, unreadable or names no time ahead of now: there is then nothing to wait for, and the caller's own pause counts.
func parseRetryAfter(header string, now time.Time) time.Duration {
	header = strings.TrimSpace(header)
	if header == "" {
		return 0
	}
	if strings.Trim(header, "0123456789") == "" {
		return seconds(header)
	}
	date, err := http.ParseTime(header)
	if err != nil {
		return 0
	}
	return min(max(date.Sub(now), 0), MaxRetryAfter)
}

// seconds stops counting at the maximum: a number of any length is allowed, and a time.Duration would overflow.
func seconds(digits string) time.Duration {
	total := time.Duration(0)
	for _, digit := range digits {
		total = total*10 + time.Duration(digit-'0')*time.Second
		if total >= MaxRetryAfter {
			return MaxRetryAfter
		}
	}
	return total
}
