package main

import (
	"context"
	"strings"
	"time"

	"helpcrunch-mark-read/ops/internal/bulk"
	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/ops/internal/explain"
	"helpcrunch-mark-read/ops/internal/overview"
	"helpcrunch-mark-read/ops/internal/pause"
	"helpcrunch-mark-read/ops/internal/stack"
)

type pauseQueue struct {
	For    time.Duration `help:"How long, such as 30m or 2h; AWS then resumes by itself. Without it the pause lasts until ops resume." placeholder:"TIME"`
	Reason string        `help:"Why, for whoever looks next; ops status and ops doctor show it." placeholder:"TEXT"`
}

func (c pauseQueue) Validate() error { return pause.CheckReason(c.Reason) }

func (c *pauseQueue) run(ctx context.Context, a *app, t *target) error {
	plan := c.plan(ctx, a, t)
	if err := plan.Check(); err != nil {
		return usage("%s", err)
	}
	now := time.Now()
	until := time.Time{}
	if c.For > 0 {
		until = now.Add(c.For)
	}
	muted := now.Add(plan.MutedFor())
	a.say("Pausing. Lambda takes up to a minute for it.")
	state, err := t.pausing().Pause(ctx, until, strings.TrimSpace(c.Reason), muted)
	if state == nil {
		return err
	}
	result := pausedJSON{State: pause.Paused, Since: state.Since, Until: state.Until, Reason: state.Reason, Warnings: plan.Warnings(now)}
	if err == nil {
		result.AlarmsMutedUntil = muted
	}
	a.result(result, func() { a.printPaused(result) })
	if err != nil {
		return undone("the queue is paused, but its alarms about age are not muted: %s", explain.Sentence(err))
	}
	return nil
}

type pausedJSON struct {
	State            pause.Kind `json:"state"`
	Since            time.Time  `json:"since"`
	Until            time.Time  `json:"until,omitzero"`
	Reason           string     `json:"reason,omitempty"`
	AlarmsMutedUntil time.Time  `json:"alarmsMutedUntil,omitzero"`
	Warnings         []string   `json:"warnings"`
}

func (a *app) printPaused(r pausedJSON) {
	a.print("Paused since %s. No batch starts any more; batches in flight end first.", pause.Clock(r.Since))
	a.print("Marks are still accepted: they wait on the queue in their order.")
	if !r.Until.IsZero() {
		a.print("AWS resumes by itself at %s; ops resume does it sooner.", pause.Clock(r.Until))
	}
	if !r.AlarmsMutedUntil.IsZero() {
		a.print("The alarms about age are muted until %s; if marks are still late then, they go off.", pause.Clock(r.AlarmsMutedUntil))
	}
	for _, w := range r.Warnings {
		a.print("Warning: %s.", w)
	}
}

// plan gathers what the pause means for the marks that wait. What can't be read is only not warned of.
func (c *pauseQueue) plan(ctx context.Context, a *app, t *target) pause.Plan {
	plan := pause.Plan{For: c.For, Window: t.deployed.RetryWindow()}
	age, _, err := overview.Oldest(ctx, t.aws, t.QueueURL)
	if err != nil {
		a.say("How long the oldest mark has waited is not known: %s", explain.Sentence(err))
	}
	plan.Oldest = age
	counts, err := deadletters.Count(ctx, t.sqs(), t.QueueURL)
	if err != nil {
		a.say("How many marks wait is not known: %s", explain.Sentence(err))
	} else if rate := t.deployed.Parameter(stack.RequestsPerMinute); rate > 0 {
		plan.Drain = bulk.Estimate{Waiting: counts.Total(), PerMinute: rate}.Duration()
	}
	return plan
}

func (t *target) pausing() *pause.Switch { return &pause.Switch{AWS: t.aws, Stack: t.deployed} }

type resumeQueue struct{}

func (c *resumeQueue) run(ctx context.Context, a *app, t *target) error {
	a.say("Resuming. Lambda takes up to a minute for it.")
	before, errs := t.pausing().Resume(ctx)
	if len(errs) > 0 {
		for _, err := range errs[1:] {
			a.say("ops: %s", explain.Sentence(err))
		}
		return errs[0]
	}
	a.result(map[string]pause.Kind{"state": pause.Running, "was": before.Kind}, func() {
		switch before.Kind {
		case pause.Running:
			a.print("The queue was not paused. Whatever a pause could have left is removed.")
		case pause.Disabled:
			a.print("Resumed. The event source mapping had been disabled by somebody, not by ops pause.")
		default:
			a.print("Resumed: marks leave the queue again, in their order. The alarms about age are not muted any more.")
		}
	})
	return nil
}
