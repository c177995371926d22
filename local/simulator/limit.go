package simulator

import (
	"net/http"
	"strconv"
	"time"
)

// RetryAfter is the form in which a 429 of the limit says how long to wait. HelpCrunch documents none, so none is the default.
type RetryAfter string

// The forms of a Retry-After header, RFC 9110 section 10.2.3.
const (
	RetryAfterNone    RetryAfter = ""
	RetryAfterSeconds RetryAfter = "seconds"
	RetryAfterDate    RetryAfter = "date"
)

func (f RetryAfter) known() bool {
	return f == RetryAfterNone || f == RetryAfterSeconds || f == RetryAfterDate
}

// limit is the account's limit: so many requests in any 60 seconds. Refused requests do not count, or a client that asks
// on would never be let in again.
type limit struct {
	perMinute int
	form      RetryAfter
	used      window
}

// take lets a request through, or says how long it is until the next one would be.
func (l *limit) take(t time.Time) (wait time.Duration, ok bool) {
	n := l.used.count(t)
	if l.perMinute != Unlimited && n >= l.perMinute {
		return l.used.times[n-l.perMinute].Add(minute).Sub(t), false
	}
	l.used.add(t)
	return 0, true
}

func (f RetryAfter) set(h http.Header, t time.Time, wait time.Duration) {
	switch f {
	case RetryAfterSeconds:
		h.Set("Retry-After", strconv.FormatInt(int64((wait+time.Second-1)/time.Second), 10))
	case RetryAfterDate:
		h.Set("Retry-After", httpDate(t.Add(wait)))
	}
}

// httpDate rounds up: the format holds whole seconds, and a time cut short would call the client back too early.
func httpDate(t time.Time) string {
	return t.Add(time.Second - 1).UTC().Format(http.TimeFormat)
}
