package main

import (
	"context"

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

func (c *deadRedrive) run(ctx context.Context, a *app, g *globals) error {
	if c.Rate < 0 {
		return &usageError{"--rate must be a number of messages a minute, from 1"}
	}
	t, err := a.target(ctx, g, needDeadLetters, needQueue)
	if err != nil {
		return err
	}
	box, closeBox := a.open(ctx, t)
	defer closeBox()
	a.say("%s", oldMarks)
	progress := a.progress()
	redrive := deadletters.Redrive{
		SQS: t.sqs(), QueueURL: t.queueURL, Box: box, Filter: c.choice(),
		All: c.All, DryRun: c.DryRun, PerMinute: c.Rate, Progress: progress.Show,
	}
	done, err := redrive.Run(ctx)
	progress.Clear()
	if g.JSON {
		if printing := a.printJSON(newRedriveJSON(done, c.DryRun)); printing != nil {
			return printing
		}
	} else {
		a.printRedriven(done, c.DryRun)
	}
	a.sayUnseen(box, done.Unseen)
	for _, reason := range done.Failed {
		a.say("Left in the dead-letter queue: %s", explain.Sentence(reason))
	}
	switch {
	case err != nil:
		return err
	case len(done.Failed) > 0:
		return undone("not all chosen dead letters could be redriven; running the same command again goes on from here")
	case done.Again > 0:
		return undone("%s dead-lettered again while the command ran: the cause is not fixed", terminal.CountWas(done.Again, "message"))
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
			chosen, terminal.Count(done.Sent, "message"), deadLetterCount(done.Merged), deadLetterCount(done.Chosen-done.Done))
	}
	if done.Invalid > 0 {
		a.print("%s invalid: sent back, they are dead-lettered again. Purge them instead.", terminal.CountIs(done.Invalid, "dead letter"))
	}
}

type redriveJSON struct {
	DryRun  bool       `json:"dryRun"`
	Chosen  int        `json:"chosen"`
	Invalid int        `json:"noMark"`
	Sent    int        `json:"sent"`
	Merged  int        `json:"merged"`
	Left    int        `json:"left"`
	Again   int        `json:"diedAgain"`
	Failed  []string   `json:"failed"`
	Note    string     `json:"note"`
	Unseen  unseenJSON `json:"unseen"`
}

func newRedriveJSON(d deadletters.Redriven, dryRun bool) redriveJSON {
	j := redriveJSON{
		DryRun: dryRun, Chosen: d.Chosen, Invalid: d.Invalid, Sent: d.Sent, Merged: d.Merged, Left: d.Chosen - d.Done, Again: d.Again,
		Failed: []string{}, Note: oldMarks, Unseen: newUnseenJSON(d.Unseen),
	}
	for _, err := range d.Failed {
		j.Failed = append(j.Failed, explain.Sentence(err))
	}
	return j
}
