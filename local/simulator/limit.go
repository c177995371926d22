package simulator

import (
	"net/http"
	"strconv"
	"time"
)

// RetryAfter is the form in which a 429 of the limit says how long to wait. HelpCrunch documents none, so none is the default.
type RetryAfter string

// The forms of a Retry-After header that the limit uses, RFC 9110 section 10.2.3. A Fault can send any other.
const (
	RetryAfterNone    RetryAfter = ""
	RetryAfterSeconds RetryAfter = "seconds"
)

func (f RetryAfter) known() bool { return f == RetryAfterNone || f == RetryAfterSeconds }

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

// set rounds up: a time cut short would call the client back too early.
func (f RetryAfter) set(h http.Header, wait time.Duration) {
	if f == RetryAfterSeconds {
		h.Set("Retry-After", strconv.FormatInt(int64((wait+time.Second-1)/time.Second), 10))
	}
}
