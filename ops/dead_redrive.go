package main

import (
	"context"

	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/ops/internal/explain"
)

type deadRedrive struct {
	filter
	All    bool `help:"On a FIFO queue: send each dead letter. Otherwise, of dead letters for the same chat and reader, only the latest mark is sent, and the older ones are deleted."`
	DryRun bool `help:"Only say what would be done."`
	Rate   int  `help:"Send at most so many messages a minute, so that new marks come in between. Otherwise as fast as SQS takes them; the queue function keeps HelpCrunch's limit in any case." placeholder:"N"`
}

// oldMarks is said with every redrive: the queue can't know what was made since.
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
	if err == nil && len(done.Failed) > 0 {
		err = undone("not all chosen dead letters could be redriven; running the same command again goes on from here")
	}
	return err
}

func (a *app) printRedriven(done deadletters.Redriven, dryRun bool) {
	if dryRun {
		a.print("%d dead letters chosen: %d messages would be sent, %d dead letters deleted because a later mark among them is for the same chat and reader. Nothing was done.",
			done.Chosen, done.Sent, done.Merged)
	} else {
		a.print("%d dead letters chosen: %d messages sent, %d dead letters merged into later marks, %d dead letters left in the dead-letter queue.",
			done.Chosen, done.Sent, done.Merged, done.Chosen-done.Done)
	}
	if done.Again > 0 {
		a.print("%d of the messages were dead-lettered again while the command ran: their cause is not fixed.", done.Again)
	}
	if done.Invalid > 0 {
		a.print("%d of the chosen dead letters are invalid: they are dead-lettered again. Purge them instead.", done.Invalid)
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
