package main

import (
	"context"
	"io"
	"os"
	"time"

	"helpcrunch-mark-read/ops/internal/bulk"
	"helpcrunch-mark-read/ops/internal/deadletters"
)

type sendMarks struct {
	File       string `arg:"" help:"CSV with a header line of id, reader and read; or JSON lines such as {\"id\": 5208, \"reader\": \"agent\", \"read\": true}; - for the standard input."`
	Format     string `help:"csv or jsonl. Otherwise the first line decides." enum:"csv,jsonl,auto" default:"auto"`
	Check      bool   `help:"Only check the lines and estimate; send nothing."`
	SkipFaulty bool   `help:"Send the good lines although others are invalid."`
	Progress   string `help:"File that remembers how far it came, so that the same command goes on from there. Default: FILE.progress; none for the standard input." placeholder:"PATH"`
	Again      bool   `help:"Send a file once more that was sent to its end."`
	Share      int    `help:"Calls a minute that the queue makes, for the estimate, instead of the stack's RequestsPerMinute." placeholder:"N"`
}

// defaultShare is the template's default of RequestsPerMinute.
const defaultShare = 100

// longEstimate is the default of RETRY_WINDOW: a mark that has waited for longer than that gets no second try.
const longEstimate = 24 * time.Hour

func (c *sendMarks) run(ctx context.Context, a *app, g *globals) error {
	t, err := a.target(ctx, g, needQueue)
	if err != nil {
		return err
	}
	file, err := c.open(a.in)
	if err != nil {
		return err
	}
	defer file.Close()
	format := bulk.Format(c.Format)
	if c.Format == "auto" {
		format = ""
	}
	checked, err := bulk.Check(file, format)
	if err != nil {
		return err
	}
	result := sendJSON{Marks: checked.Marks, Faulty: checked.Faulty, Faults: append([]bulk.Fault{}, checked.Faults...)}
	err = c.sendChecked(ctx, a, t, file, format, checked, &result)
	return c.report(a, g, result, err)
}

func (c *sendMarks) open(in io.Reader) (*os.File, error) {
	if c.File == "-" {
		return bulk.Spool(in)
	}
	file, err := os.Open(c.File)
	if err != nil {
		return nil, &usageError{err.Error()}
	}
	if c.Progress == "" && !c.Check {
		c.Progress = c.File + ".progress"
	}
	return file, nil
}

func (c *sendMarks) sendChecked(ctx context.Context, a *app, t *target, file *os.File, format bulk.Format, checked bulk.Checked, result *sendJSON) error {
	if checked.Faulty > 0 && !c.SkipFaulty {
		return &exitError{exitFaulty, "nothing was sent, because of the lines above; fix them, or leave them out with --skip-faulty"}
	}
	waiting, err := deadletters.Count(ctx, t.sqs(), t.queueURL)
	if err != nil {
		return err
	}
	journal := &bulk.Journal{Marks: checked.Marks}
	if !c.Check {
		if journal, err = bulk.OpenJournal(c.Progress, checked, t.queueURL, c.Again); err != nil {
			return err
		}
	}
	result.Sent = journal.Sent
	result.Estimate = bulk.Estimate{
		Marks: journal.Marks - journal.Sent, Waiting: waiting.Visible + waiting.InFlight + waiting.Delayed, PerMinute: c.share(t),
	}
	c.announce(a, journal, result.Estimate)
	if c.Check || journal.Done() {
		return nil
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	progress := a.progress()
	send := bulk.Send{SQS: t.sqs(), QueueURL: t.queueURL, Journal: journal, Progress: progress.Show}
	err = send.Run(ctx, file, format)
	progress.Clear()
	result.Sent = journal.Sent
	return err
}

func (c *sendMarks) share(t *target) int {
	switch {
	case c.Share > 0:
		return c.Share
	case t.perMinute > 0:
		return t.perMinute
	}
	return defaultShare
}

func (c *sendMarks) announce(a *app, j *bulk.Journal, e bulk.Estimate) {
	switch {
	case j.Marks > 0 && j.Done():
		a.say("All %d marks of this file were sent before; --again sends them once more.", j.Marks)
		return
	case j.Sent > 0:
		a.say("Going on after the %d marks that were sent before.", j.Sent)
	}
	a.say("%s.", e)
	if e.Duration() > longEstimate {
		a.say("That is longer than the retry window is by default (%s): a mark that has waited for longer and then fails gets no second try. Better send it in parts.", longEstimate)
	}
}

type sendJSON struct {
	Marks    int           `json:"marks"`
	Sent     int           `json:"sent"` // earlier runs included
	Faulty   int           `json:"faulty"`
	Faults   []bulk.Fault  `json:"faults"` // the first thousand
	Estimate bulk.Estimate `json:"estimate"`
}

// maxFaultsShown is how many faulty lines a person is shown; --json has more.
const maxFaultsShown = 20

func (c *sendMarks) report(a *app, g *globals, r sendJSON, err error) error {
	for i, f := range r.Faults {
		if i == maxFaultsShown {
			a.say("and %d more lines; --json lists the first thousand", r.Faulty-i)
			break
		}
		a.say("line %d: %s", f.Line, f.Reason)
	}
	if g.JSON {
		if printing := a.printJSON(r); printing != nil {
			return printing
		}
		return err
	}
	a.print("%d marks and %d faulty lines; %d marks are on the queue.", r.Marks, r.Faulty, r.Sent)
	return err
}
