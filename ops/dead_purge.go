package main

import (
	"context"
	"fmt"
	"time"

	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/ops/internal/explain"
)

type deadPurge struct {
	filter
	DryRun bool   `help:"Only say what would be done."`
	Yes    bool   `help:"Do not ask. Without a terminal nothing is purged otherwise."`
	File   string `help:"File for what is purged, as JSON lines; it must not exist. Default: purged-TIME.jsonl in this folder." placeholder:"PATH"`
}

func (c *deadPurge) run(ctx context.Context, a *app, g *globals) error {
	t, err := a.target(ctx, g, needDeadLetters)
	if err != nil {
		return err
	}
	if c.File == "" {
		c.File = "purged-" + time.Now().UTC().Format("20060102T150405.000Z") + ".jsonl"
	}
	box, closeBox := a.open(ctx, t)
	defer closeBox()
	progress := a.progress()
	purge := deadletters.Purge{
		Box: box, Filter: c.choice(), File: c.File, DryRun: c.DryRun, Progress: progress.Show,
		Confirm: func(ctx context.Context, s deadletters.Summary) (bool, error) {
			progress.Clear()
			return c.confirm(ctx, a, t, s)
		},
	}
	done, err := purge.Run(ctx)
	progress.Clear()
	if g.JSON {
		if printing := a.printJSON(c.result(done)); printing != nil {
			return printing
		}
	} else {
		c.print(a, t, done)
	}
	a.sayUnseen(box, done.Unseen)
	for _, reason := range done.Failed {
		a.say("Left in the dead-letter queue: %s", explain.Sentence(reason))
	}
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
	DryRun bool              `json:"dryRun"`
	Chosen int               `json:"chosen"`
	Rows   []deadletters.Row `json:"rows"`
	Purged int               `json:"purged"`
	File   string            `json:"file,omitempty"`
	Unseen unseenJSON        `json:"unseen"`
}

func (c *deadPurge) result(done deadletters.Purged) purgeJSON {
	j := purgeJSON{DryRun: c.DryRun, Chosen: done.Chosen.Count, Rows: done.Chosen.Rows(), Purged: done.Done, Unseen: newUnseenJSON(done.Unseen)}
	if done.Done > 0 {
		j.File = c.File
	}
	return j
}
