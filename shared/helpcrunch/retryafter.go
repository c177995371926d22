package helpcrunch

import (
	"net/http"
	"strings"
	"time"
)

// MaxRetryAfter is the longest wait that is believed; more is cut to it.
const MaxRetryAfter = time.Hour

// parseRetryAfter returns the longest wait among the Retry-After lines of an answer, each of which may be a list: seconds,
// decimals rounded up, or any of HTTP's three date forms. It returns 0 when none can be read or none names a time ahead of
// now: there is then nothing to wait for, and the caller's own pause counts.
func parseRetryAfter(lines []string, now time.Time) time.Duration {
	longest := time.Duration(0)
	for _, line := range lines {
		before := ""
		for part := range strings.SplitSeq(line, ",") {
			// A date has a comma of its own, after the name of the day.
			longest = max(longest, wait(part, now), wait(before+","+part, now))
			before = part
		}
	}
	return longest
}

// wait reads one value.
func wait(value string, now time.Time) time.Duration {
	value = strings.TrimSpace(value)
	whole, fraction, hasFraction := strings.Cut(value, ".")
	if isDigits(whole) && (!hasFraction || isDigits(fraction)) {
		return seconds(whole, strings.Trim(fraction, "0") != "")
	}
	date, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	return min(max(date.Sub(now), 0), MaxRetryAfter)
}

// seconds stops counting at the maximum: a number of any length is allowed, and a time.Duration would overflow.
func seconds(digits string, more bool) time.Duration {
	total := time.Duration(0)
	for _, digit := range digits {
		total = min(total*10+time.Duration(digit-'0')*time.Second, MaxRetryAfter)
	}
	if more {
		total += time.Second
	}
	return min(total, MaxRetryAfter)
}
