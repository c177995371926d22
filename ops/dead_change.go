package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/ops/internal/explain"
	"helpcrunch-mark-read/ops/internal/terminal"
)

type deadRedrive struct {
	filter
	All    bool `help:"On a FIFO queue: send each dead letter. Otherwise, of dead letters for the same chat and reader, only the latest mark is sent, and the older ones are deleted."`
	DryRun bool `help:"Only say what would be done."`
	Rate   int  `help:"Send at most so many messages a minute, so that new marks come in between. Otherwise as fast as SQS takes them; the queue function keeps HelpCrunch's limit in any case." placeholder:"N"`
}

// oldMarks is a warning with every redrive: the queue can't know what was made since.
const oldMarks = "These are old marks. If a newer mark for the same chat and reader was made since, sending them back undoes it."

func (c deadRedrive) Validate() error {
	if c.Rate < 0 {
		return errors.New("--rate must be a number of messages a minute, from 1")
	}
	return nil
}

func (c *deadRedrive) run(ctx context.Context, a *app, t *target) error {
	box := t.deadLetters(ctx)
	defer a.putBack(ctx, box)
	box.Progress = a.progress.Show
	a.say("%s", oldMarks)
	redrive := deadletters.Redrive{
		SQS: t.sqs(), QueueURL: t.QueueURL, Box: box, Filter: c.choice(),
		All: c.All, DryRun: c.DryRun, PerMinute: c.Rate,
	}
	done, err := redrive.Run(ctx)
	result := redriveJSON{DryRun: c.DryRun, Redriven: done, Failed: []string{}, Note: oldMarks}
	for _, reason := range done.Failed {
		result.Failed = append(result.Failed, explain.Sentence(reason))
	}
	a.result(result, func() { a.printRedriven(done, c.DryRun) })
	a.sayRest(box, done.Unseen, done.Failed...)
	switch {
	case err != nil:
		return err
	case len(done.Failed) > 0:
		return undone("not all chosen dead letters could be redriven; running the same command again goes on from here")
	case done.Again > 0:
		return undone("%s dead-lettered again while the command ran: the cause is not fixed", terminal.Count(done.Again, "message", "was", "were"))
	}
	return nil
}

func (a *app) printRedriven(done deadletters.Redriven, dryRun bool) {
	chosen := deadLetterCount(done.Chosen)
	if dryRun {
		a.print("%s chosen: %s would be sent, %s deleted because a later mark among them is for the same chat and reader. Nothing was done.",
			chosen, terminal.Count(done.Sent, "message"), deadLetterCount(done.Merged))
	} else {
		a.print("%s chosen: %s sent, %s merged into later marks, %s left in the dead-letter queue.",
			chosen, terminal.Count(done.Sent, "message"), deadLetterCount(done.Merged), deadLetterCount(done.Left))
	}
	if done.Invalid > 0 {
		a.print("%s invalid: sent back, they are dead-lettered again. Purge them instead.", terminal.Count(done.Invalid, "dead letter", "is", "are"))
	}
}

type redriveJSON struct {
	DryRun bool `json:"dryRun"`
	deadletters.Redriven
	Failed []string `json:"failed"`
	Note   string   `json:"note"`
}

type deadPurge struct {
	filter
	DryRun bool   `help:"Only say what would be done."`
	Yes    bool   `help:"Do not ask. Without a terminal nothing is purged otherwise."`
	File   string `help:"File for what is purged, as JSON lines; it must not exist. Default: purged-TIME.jsonl in this folder." placeholder:"PATH"`
}

func (c *deadPurge) run(ctx context.Context, a *app, t *target) error {
	if c.File == "" {
		c.File = "purged-" + time.Now().UTC().Format("20060102T150405.000Z") + ".jsonl"
	}
	box := t.deadLetters(ctx)
	defer a.putBack(ctx, box)
	box.Progress = a.progress.Show
	purge := deadletters.Purge{
		Box: box, Filter: c.choice(), File: c.File, DryRun: c.DryRun,
		Confirm: func(ctx context.Context, s deadletters.Summary) (bool, error) { return c.confirm(ctx, a, t, s) },
	}
	done, err := purge.Run(ctx)
	result := purgeJSON{DryRun: c.DryRun, Chosen: done.Chosen.Count, Rows: done.Chosen.Rows(), Purged: done.Done, Unseen: done.Unseen}
	if done.Done > 0 {
		result.File = c.File
	}
	a.result(result, func() { c.print(a, t, done) })
	a.sayRest(box, done.Unseen, done.Failed...)
	if err == nil && done.Done < done.Chosen.Count && !c.DryRun {
		err = undone("%s that were chosen are left in the dead-letter queue", deadLetterCount(done.Chosen.Count-done.Done))
	}
	return err
}

// confirm shows what would be purged, and wants its number typed: a y is typed too easily.
func (c *deadPurge) confirm(ctx context.Context, a *app, t *target, s deadletters.Summary) (bool, error) {
	if c.Yes {
		return true, nil
	}
	onErr := *a
	onErr.out = a.err
	onErr.printSummary(t, s)
	want := fmt.Sprintf("purge %d", s.Count)
	answer, err := a.ask(ctx, a.in, a.err, fmt.Sprintf("These marks will never be made. Type \"%s\" to delete the dead letters for good: ", want))
	return answer == want, err
}

func (c *deadPurge) print(a *app, t *target, done deadletters.Purged) {
	switch {
	case c.DryRun:
		a.printSummary(t, done.Chosen)
		a.print("Nothing was purged: this was a dry run.")
	case done.Done == 0:
		a.print("Nothing was purged.")
	default:
		a.print("%d of %d chosen dead letters were purged; they are in %s.", done.Done, done.Chosen.Count, c.File)
	}
}

type purgeJSON struct {
	DryRun bool               `json:"dryRun"`
	Chosen int                `json:"chosen"`
	Rows   []deadletters.Row  `json:"rows"`
	Purged int                `json:"purged"`
	File   string             `json:"file,omitempty"`
	Unseen deadletters.Unseen `json:"unseen"`
}
