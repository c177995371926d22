package pause

import (
	"fmt"
	"strings"
	"time"
)

const (
	// spared is the age at which functions/queue dead-letters whatever can't be made at once.
	spared = 7 * 24 * time.Hour
	// retention is after how long SQS deletes what nobody has taken, without a trace.
	retention = 14 * 24 * time.Hour
	// shortest and longest are what a pause with an end may last. SQS's clock for a mark began when it was sent.
	shortest, longest = time.Minute, retention - 24*time.Hour
)

// Plan is a pause before it is made.
type Plan struct {
	For    time.Duration // 0: without an end
	Oldest time.Duration // how long the oldest mark has waited already
	Drain  time.Duration // how long the marks that wait take after the pause
	Window time.Duration // RETRY_WINDOW
}

// Check refuses a pause by which SQS would delete marks.
func (p Plan) Check() error {
	switch {
	case p.For == 0:
		return nil
	case p.For < shortest || p.For > longest:
		return fmt.Errorf("a pause lasts from %s to %s (13 days): SQS deletes marks that are older than 14 days", short(shortest), short(longest))
	case p.For+max(p.Oldest, p.Drain) >= retention:
		return fmt.Errorf("the oldest mark has waited for %s already: in a pause of %s SQS would delete marks, as they would be older than 14 days", short(p.Oldest), short(p.For))
	}
	return nil
}

// MutedFor is how long the alarms about age are silent. A pause without an end does not silence them for ever: they come
// back when marks begin to expire.
func (p Plan) MutedFor() time.Duration {
	if p.For > 0 {
		return p.For
	}
	return max(p.Window-p.Oldest, time.Hour)
}

// Warnings say what the pause would do to marks that wait for long, from now on.
func (p Plan) Warnings(now time.Time) []string {
	says := []string{}
	if p.For == 0 {
		says = append(says, "the pause has no end: nothing leaves the queue until ops resume")
	}
	for _, limit := range []struct {
		age  time.Duration
		what string
	}{
		{p.Window, "older than RetryWindow (" + short(p.Window) + "): it gets one try, and a failure that could pass dead-letters it"},
		{spared, "older than 7 days: it is dead-lettered as soon as it can't be made at once"},
		{retention, "older than 14 days: SQS deletes it without a trace"},
	} {
		if p.For == 0 || p.For+max(p.Oldest, p.Drain) > limit.age {
			at := now.Add(max(0, limit.age-p.Oldest))
			says = append(says, fmt.Sprintf("from %s on, a mark that still waits can be %s", Clock(at), limit.what))
		}
	}
	return says
}

// Clock is a time as a person reads it, in UTC as the logs have it.
func Clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// short is a duration without the zeros at its end.
func short(d time.Duration) string {
	s := strings.Replace(d.Round(time.Second).String(), "m0s", "m", 1)
	return strings.Replace(s, "h0m", "h", 1)
}
