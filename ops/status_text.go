package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"helpcrunch-mark-read/ops/internal/overview"
	"helpcrunch-mark-read/ops/internal/pause"
)

func describeRate(r *overview.Rate) string {
	of := ""
	if r.Budget > 0 {
		of = fmt.Sprintf(" of %d", r.Budget)
	}
	says := fmt.Sprintf("queue %d%s a minute, HTTP %d a minute", r.Queue, of, r.HTTP)
	if r.Queue+r.HTTP == 0 {
		return says + " (none in the last 5 minutes)"
	}
	return says + fmt.Sprintf(" (average of 5 minutes, %s old)", seconds(r.AgeSeconds))
}

func describeBacklog(b *overview.Backlog) string {
	says := fmt.Sprintf("about %d waiting, %d in flight or held", b.Waiting, b.InFlight)
	if b.HeldAtLeast > 0 {
		says += fmt.Sprintf(" (at least %d held)", b.HeldAtLeast)
	}
	if b.Oldest != nil {
		says += fmt.Sprintf(", the oldest for %s (%s old)", seconds(b.Oldest.Seconds), seconds(b.Oldest.AgeSeconds))
	}
	return says
}

func describeEmpty(b *overview.Backlog, s *pause.State) string {
	e := b.Empty
	if e == nil {
		return "now"
	}
	after := ""
	if s != nil && s.Mapping != "Enabled" {
		after = " after the queue is resumed"
	}
	flow := fmt.Sprintf("%d leave and %d come in a minute, average of 10 minutes, %s old", e.LeftPerMinute, e.CamePerMinute, seconds(e.AgeSeconds))
	switch {
	case e.ByBudget && e.Minutes == nil:
		return "not known: no metric says how fast messages left the queue in the last 10 minutes"
	case e.ByBudget:
		return fmt.Sprintf("in about %s%s, at the whole rate budget (nothing left the queue in the last 10 minutes)", seconds(60**e.Minutes), after)
	case e.Minutes == nil:
		return "never at this rate: " + flow
	}
	return fmt.Sprintf("in about %s%s: %s", seconds(60**e.Minutes), after, flow)
}

func describeDead(d *overview.DeadLetters) string {
	says := fmt.Sprintf("%d", d.Count)
	separator := ": "
	for _, o := range slices.Sorted(maps.Keys(d.ByOutcome)) {
		says += fmt.Sprintf("%s%s %d", separator, plain(o), d.ByOutcome[o])
		separator = ", "
	}
	return says
}

// describeKey begins with what the newest attempt showed.
func describeKey(c *overview.Credential, now time.Time) string {
	type event struct {
		at   time.Time
		says string
	}
	events := slices.DeleteFunc([]event{
		{c.Accepted, "accepted by HelpCrunch"}, {c.Rejected, "REJECTED by HelpCrunch (ops key set)"}, {c.Unavailable, "UNAVAILABLE: the secret could not be read or used (ops doctor)"},
	}, func(e event) bool { return e.at.IsZero() })
	if len(events) == 0 {
		return "no attempt in the last 24 h; ops doctor tries it"
	}
	slices.SortStableFunc(events, func(a, b event) int { return b.at.Compare(a.at) })
	says := make([]string, len(events))
	for i, e := range events {
		says[i] = e.says + " " + seconds(int(now.Sub(e.at).Seconds())) + " ago"
	}
	return strings.Join(says, "; ") + " (to 5 minutes)"
}

func describeTokens(t *overview.Tokens, now time.Time) string {
	says := fmt.Sprintf("%d callers refused in the last 24 h", t.Unknown)
	if t.Unreadable > 0 {
		says += fmt.Sprintf(", and %d because the tokens could not be read or used, the last %s ago", t.Unreadable, seconds(int(now.Sub(t.Unavailable).Seconds())))
	}
	return says
}

// seconds is a time that passed, as a person says it.
func seconds(n int) string {
	d := time.Duration(n) * time.Second
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%d s", n)
	case d < 2*time.Hour:
		return fmt.Sprintf("%d min", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d h %d min", int(d.Hours()), int(d.Minutes())%60)
	}
	return fmt.Sprintf("%d days", int(d.Hours())/24)
}
