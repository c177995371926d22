package main

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/ops/internal/explain"
	"helpcrunch-mark-read/ops/internal/overview"
	"helpcrunch-mark-read/ops/internal/pause"
	"helpcrunch-mark-read/ops/internal/stack"
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
	source := newSource(t)
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
			return statusError(report)
		}
		select {
		case <-ctx.Done():
			return &exitError{exitStopped, ""}
		case <-time.After(watchEvery):
		}
	}
}

// statusError: what could not be read is in the report already.
func statusError(r *overview.Report) error {
	if len(r.Unknown) > 0 {
		return &exitError{exitFailed, ""}
	}
	return nil
}

func newSource(t *target) *overview.Source {
	s := &overview.Source{AWS: t.aws, QueueURL: t.queueURL, DeadURL: t.deadLetterURL, Budget: t.perMinute}
	if t.stack == nil {
		return s
	}
	if t.mappingID != "" {
		s.Pause = t.pausing()
	}
	s.HTTP, s.Queue = t.stack.Outputs[stack.HTTPFunctionName], t.stack.Outputs[stack.QueueFunctionName]
	batch, _ := strconv.Atoi(t.stack.Parameters[stack.BatchSize])
	environments, _ := strconv.Atoi(t.stack.Parameters[stack.MaximumConcurrency])
	s.AtOnce, s.HasTokens = batch*environments, t.tokenSecretID != ""
	return s
}

func (c *showStatus) gather(ctx context.Context, t *target, source *overview.Source) *overview.Report {
	asking, cancel := context.WithTimeout(ctx, askFor)
	defer cancel()
	report := source.Gather(asking)
	if t.stack != nil {
		report.Stack = t.stack.Name
	}
	if !c.Dead {
		return report
	}
	box := deadletters.Open(ctx, t.sqs(), t.deadLetterURL)
	defer box.Close(ctx)
	summary, _, err := deadletters.List(ctx, box, deadletters.Filter{}, func(int) {})
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
	line := func(name, format string, args ...any) { a.print("%-13s %s", name, fmt.Sprintf(format, args...)) }
	line("Stack", "%s, at %s", cmp.Or(r.Stack, "(queues)"), r.At.Format("2006-01-02 15:04:05 UTC"))
	if r.State != nil {
		line("Queue", "%s", describeState(r.State))
	}
	if r.Rate != nil {
		line("Calls", "%s", describeRate(r.Rate))
	}
	if r.Backlog != nil {
		line("Waiting", "%s", describeBacklog(r.Backlog))
		line("Empty", "%s", describeEmpty(r.Backlog, r.State))
	}
	if r.DeadLetters != nil {
		line("Dead letters", "%s", describeDead(r.DeadLetters))
	}
	if r.Key != nil {
		line("Key", "%s", describeKey(r.Key, r.At))
	}
	if r.Tokens != nil {
		line("Tokens", "%s", describeTokens(r.Tokens, r.At))
	}
	if r.LastDay != nil {
		line("Last 24 h", "%d overtaken, %d not applied", r.LastDay.Overtaken, r.LastDay.NotApplied)
	}
	for _, sentence := range r.Unknown {
		line("Not known", "%s", sentence)
	}
}

func describeState(s *pause.State) string {
	switch s.Kind {
	case pause.Running:
		return "running" + strings.TrimSuffix(" ("+map[bool]string{true: s.Mapping}[s.Mapping != "Enabled"]+")", " ()")
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
