package main

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/ops/internal/explain"
	"helpcrunch-mark-read/ops/internal/overview"
	"helpcrunch-mark-read/ops/internal/pause"
	"helpcrunch-mark-read/ops/internal/terminal"
)

const (
	watchEvery  = 10 * time.Second
	askFor      = 10 * time.Second // a call that hangs must not hide the rest
	clearScreen = "\x1b[H\x1b[2J"
)

type showStatus struct {
	Watch bool `help:"Show it again every 10 s, until Ctrl-C."`
	Dead  bool `help:"Count the dead letters by outcome too. SQS has no way to peek: they are hidden from others meanwhile."`
}

func (c *showStatus) run(ctx context.Context, a *app, t *target) error {
	source := &overview.Source{AWS: t.aws, Stack: t.deployed, QueueURL: t.QueueURL, DeadURL: t.DeadLetterURL}
	for {
		report := c.gather(ctx, t, source)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		if c.Watch && terminal.IsTerminal(a.out) {
			fmt.Fprint(a.out, clearScreen)
		}
		a.result(report, func() { a.printStatus(report) })
		if !c.Watch || a.unwritten != nil {
			if len(report.Unknown) > 0 {
				return &exitError{exitFailed, ""} // the report says why
			}
			return nil
		}
		select {
		case <-ctx.Done():
			return &exitError{exitStopped, ""}
		case <-time.After(watchEvery):
		}
	}
}

func (c *showStatus) gather(ctx context.Context, t *target, source *overview.Source) *overview.Report {
	asking, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	report := source.Gather(asking)
	if !c.Dead {
		return report
	}
	box := deadletters.Open(ctx, t.sqs(), t.DeadLetterURL)
	defer box.Close(ctx)
	summary, _, err := deadletters.List(ctx, box, deadletters.Filter{})
	if err != nil {
		report.Unknown = append(report.Unknown, explain.Sentence(err))
	}
	if report.DeadLetters != nil {
		report.DeadLetters.ByOutcome = summary.ByOutcome()
	}
	return report
}

// printStatus writes one screen. What is not live says how old it is.
func (a *app) printStatus(r *overview.Report) {
	a.print(statusLine, "Stack", cmp.Or(r.Stack, "(queues)")+r.At.Format(", at 2006-01-02 15:04:05 UTC"))
	printPart(a, "Queue", r.State, describeState)
	printPart(a, "Calls", r.Rate, describeRate)
	printPart(a, "Waiting", r.Backlog, describeBacklog)
	printPart(a, "Empty", r.Backlog, func(b *overview.Backlog) string { return describeEmpty(b, r.State) })
	printPart(a, "Dead letters", r.DeadLetters, describeDead)
	printPart(a, "Key", r.Key, func(k *overview.Credential) string { return describeKey(k, r.At) })
	printPart(a, "Tokens", r.Tokens, func(t *overview.Tokens) string { return describeTokens(t, r.At) })
	printPart(a, "Last 24 h", r.LastDay, func(d *overview.LastDay) string {
		return fmt.Sprintf("%d overtaken, %d not applied", d.Overtaken, d.NotApplied)
	})
	for _, sentence := range r.Unknown {
		a.print(statusLine, "Not known", sentence)
	}
}

const statusLine = "%-13s %s"

// printPart prints a line for a part of the report, if it could be read.
func printPart[T any](a *app, name string, part *T, describe func(*T) string) {
	if part != nil {
		a.print(statusLine, name, describe(part))
	}
}

func describeState(s *pause.State) string {
	switch s.Kind {
	case pause.Running:
		if s.Mapping == "" || s.Mapping == "Enabled" {
			return "running"
		}
		return "running (" + s.Mapping + ")"
	case pause.Disabled:
		return "DISABLED by somebody, not by ops pause, since " + pause.Clock(s.Since) + "; ops resume enables it"
	case pause.Stopped:
		return "STOPPED: Lambda says " + s.Mapping + "; whether by a pause is not known"
	case pause.Unfinished:
		return "running, though a pause was begun and not finished; ops resume removes what is left of it"
	}
	says := "PAUSED since " + pause.Clock(s.Since)
	switch {
	case s.Kind == pause.Overdue:
		says += ", and should have been resumed at " + pause.Clock(s.Until) + "; ops resume does it"
	case !s.Until.IsZero():
		says += " until " + pause.Clock(s.Until)
	default:
		says += ", without an end"
	}
	if s.Reason != "" {
		says += ": " + plain(s.Reason)
	}
	return says
}
