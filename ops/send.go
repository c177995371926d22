package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"helpcrunch-mark-read/ops/internal/bulk"
	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/ops/internal/stack"
	"helpcrunch-mark-read/ops/internal/terminal"
)

type sendMarks struct {
	File        string   `arg:"" help:"CSV with a header line of id, reader and read, and asOf if you like; or JSON lines such as {\"id\": 5208, \"reader\": \"agent\", \"read\": true}; - for the standard input."`
	Format      string   `help:"csv or jsonl. Otherwise the first character decides." enum:"csv,jsonl,auto" default:"auto"`
	Check       bool     `help:"Only check the lines and estimate; send nothing."`
	SkipFaulty  bool     `help:"Send the good lines although others are invalid."`
	Progress    string   `help:"File that remembers how far it came, so that the same command goes on from there. Default: FILE.progress; none for the standard input, of which every run sends all." placeholder:"PATH"`
	Again       bool     `help:"Send a file once more that was sent to its end."`
	Share       int      `help:"Calls a minute that the queue makes, for the estimate, instead of the stack's RequestsPerMinute." placeholder:"N"`
	Understands []string `help:"Optional fields that the functions behind --queue-url understand: asOf. With --stack its output says so." placeholder:"FIELD"`
}

const defaultShare = 100 // the template's default of RequestsPerMinute

func (c *sendMarks) run(ctx context.Context, a *app, t *target) error {
	file, err := c.open(ctx, a.in)
	if err != nil {
		return err
	}
	if opened, ok := file.(io.Closer); ok {
		defer opened.Close()
	}
	format := bulk.Format(strings.TrimPrefix(c.Format, "auto"))
	checked, err := bulk.Check(file, format)
	if err != nil {
		return err
	}
	result := sendJSON{Marks: checked.Marks, Faulty: checked.Faulty, Faults: append([]bulk.Fault{}, checked.Faults...)}
	if err = c.refuse(a, t, checked); err == nil {
		err = c.sendChecked(ctx, a, t, file, format, checked, &result)
	}
	return c.report(a, result, err)
}

// open returns what can be read twice: all is checked before the first mark is sent.
func (c *sendMarks) open(ctx context.Context, in io.Reader) (io.ReadSeeker, error) {
	if c.File == "-" {
		content, err := terminal.ReadAll(ctx, in)
		return strings.NewReader(content), err
	}
	file, err := os.Open(c.File)
	if err != nil {
		return nil, usage("%s", err)
	}
	if c.Progress == "" && !c.Check {
		c.Progress = c.File + ".progress"
	}
	return file, nil
}

// refuse says why nothing of a file is sent. Functions that don't know asOf ignore it without a word, and make such marks as
// if they had none.
func (c *sendMarks) refuse(a *app, t *target, checked bulk.Checked) error {
	understood := c.Understands
	if t.deployed != nil {
		understood = t.deployed.Understands()
	}
	switch {
	case checked.Broken:
		return &exitError{exitFaulty, "nothing was sent: the quotes must be right before anything of this file can be"}
	case checked.Faulty > 0 && !c.SkipFaulty:
		return &exitError{exitFaulty, "nothing was sent, because of the lines above; fix them, or leave them out with --skip-faulty"}
	case checked.Marks == 0:
		return &exitError{exitFaulty, "the file holds no marks"}
	case checked.Bounds == 0, t.Local, slices.ContainsFunc(understood, func(field string) bool { return strings.TrimSpace(field) == "asOf" }):
		return nil
	case t.deployed != nil:
		return undone("nothing was sent: the file has asOf, and the stack %s is of a version that ignores it; deploy the current one, or leave asOf out", t.deployed.Name)
	}
	return usage("nothing was sent: the file has asOf, which older functions ignore; name the stack with --stack, or say --understands asOf if you know that the functions behind the queue understand it")
}

func (c *sendMarks) sendChecked(ctx context.Context, a *app, t *target, file io.ReadSeeker, format bulk.Format, checked bulk.Checked, result *sendJSON) (err error) {
	journal := &bulk.Journal{Marks: checked.Marks}
	if !c.Check {
		if journal, err = bulk.OpenJournal(c.Progress, checked, t.QueueURL, c.Again); err != nil {
			return err
		}
	}
	result.Sent = journal.Sent
	if journal.Done() {
		result.finished = fmt.Sprintf("Nothing was to be sent: this file's %s sent before, the last at %s. --again sends all once more.", terminal.Count(journal.Marks, "mark", "was", "were"), at(journal.Updated))
		return nil
	}
	if journal.Sent > 0 {
		a.say("Going on after the first %s, which were sent before.", terminal.Count(journal.Sent, "mark"))
	}
	if result.Estimate, err = c.estimate(ctx, a, t, journal.Marks-journal.Sent); err != nil || c.Check {
		return err
	}
	if _, err := file.Seek(0, io.SeekStart); err != nil {
		return err
	}
	before := journal.Sent
	err = journal.Send(ctx, t.sqs(), file, format, a.progress.Show)
	result.Sent, result.SentNow = journal.Sent, journal.Sent-before
	if errors.Is(err, context.Canceled) && c.Progress == "" {
		return &exitError{exitStopped, "stopped; the standard input has no progress file, so running the same command again sends all of it again"}
	}
	return err
}

// estimate says how long it takes until the marks are made, and warns where that is too long.
func (c *sendMarks) estimate(ctx context.Context, a *app, t *target, marks int) (bulk.Estimate, error) {
	counts, err := deadletters.Count(ctx, t.sqs(), t.QueueURL)
	if err != nil {
		return bulk.Estimate{}, err
	}
	e := bulk.Estimate{Marks: marks, Waiting: counts.Total(), PerMinute: cmp.Or(max(c.Share, 0), t.deployed.Parameter(stack.RequestsPerMinute), defaultShare)}
	a.say("%s.", e)
	if warning := bulk.TooLate(e.Duration(), t.deployed.RetryWindow(), counts.Retention); warning != "" {
		a.say("Warning: that is %s. Better send it in parts, or raise RequestsPerMinute.", warning)
	}
	return e, nil
}

type sendJSON struct {
	Marks    int           `json:"marks"`
	Sent     int           `json:"sent"` // earlier runs included
	Faulty   int           `json:"faulty"`
	Faults   []bulk.Fault  `json:"faults"` // the first thousand
	SentNow  int           `json:"sentNow"`
	Estimate bulk.Estimate `json:"estimate"`

	finished string // says that an earlier run sent all of it
}

const maxFaultsShown = 20 // how many faulty lines a person is shown; --json has more

func (c *sendMarks) report(a *app, r sendJSON, err error) error {
	for i, f := range r.Faults {
		if i == maxFaultsShown {
			a.say("and %s more; --json lists the first thousand", terminal.Count(r.Faulty-i, "line"))
			break
		}
		a.say("line %d: %s", f.Line, f.Reason)
	}
	a.result(r, func() { c.print(a, r) })
	return err
}

func (c *sendMarks) print(a *app, r sendJSON) {
	lines := terminal.Count(r.Marks, "mark") + " and " + terminal.Count(r.Faulty, "faulty line")
	switch {
	case r.finished != "":
		a.print("%s", r.finished)
	case c.Check:
		a.print("%s. Nothing was sent: this was only a check.", lines)
	case r.Sent > r.SentNow:
		a.print("%s; %d sent now, %d before.", lines, r.SentNow, r.Sent-r.SentNow)
	default:
		a.print("%s; %s on the queue.", lines, terminal.Count(r.Sent, "mark", "is", "are"))
	}
}
