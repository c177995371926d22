package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/ops/internal/stack"
)

type deadShow struct {
	filter
	ID    []string `arg:"" optional:"" help:"Message ids of dead letters, or of the messages that they were. Without one: the oldest that the flags choose."`
	Limit int      `help:"How many dead letters to show at most." default:"1"`
}

func (c *deadShow) run(ctx context.Context, a *app, g *globals) error {
	t, err := a.target(ctx, g, needDeadLetters)
	if err != nil {
		return err
	}
	choice := c.choice()
	choice.IDs = c.ID
	box, closeBox := a.open(ctx, t)
	defer closeBox()
	deadLetters, unseen, err := deadletters.Find(ctx, box, choice, max(c.Limit, len(c.ID), 1))
	if err != nil {
		return err
	}
	if len(deadLetters) == 0 {
		a.sayUnseen(box, unseen)
		return undone("no dead letter in %s is chosen by this", queueName(t.deadLetterURL))
	}
	for i, l := range deadLetters {
		if g.JSON {
			if err := a.printJSON(newDeadLetterJSON(l)); err != nil {
				return err
			}
			continue
		}
		if i > 0 {
			a.print("")
		}
		a.showDeadLetter(t, l)
	}
	return nil
}

// letterJSON is a dead letter with what its attributes mean.
type deadLetterJSON struct {
	deadletters.Full
	Outcome string             `json:"outcome"`
	Codes   []string           `json:"codes"`
	Status  string             `json:"status,omitempty"`
	Message string             `json:"message,omitempty"`
	Source  deadletters.Source `json:"source"`
	Fault   string             `json:"fault,omitempty"` // why the body is invalid
	Advice  string             `json:"advice,omitempty"`
}

func newDeadLetterJSON(l *deadletters.DeadLetter) deadLetterJSON {
	j := deadLetterJSON{
		Full: deadletters.Complete(l), Outcome: l.Outcome, Codes: append([]string{}, l.Codes...), Status: l.Status,
		Message: l.Message, Source: l.Source, Advice: advice[l.Outcome],
	}
	if l.Fault != nil {
		j.Fault = l.Fault.Error()
	}
	return j
}

func (a *app) showDeadLetter(t *target, l *deadletters.DeadLetter) {
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) { fmt.Fprintf(w, "%s\t%s\n", name, fmt.Sprintf(format, args...)) }
	row("Dead letter", "%s", l.ID)
	if l.Fault == nil {
		row("Mark", "chat %d, reader %s, read %t", l.Mark.ID, l.Mark.Reader, l.Mark.Read)
	} else {
		row("Invalid", "%s", plain(l.Fault.Error()))
		row("Body", "%s", plain(l.Body))
	}
	row("Outcome", "%s", plain(l.Outcome))
	row("HelpCrunch", "status %s, codes %s", dash(plain(l.Status)), dash(plain(strings.Join(l.Codes, ","))))
	row("Message", "%s", dash(plain(l.Message)))
	row("Dead-lettered", "%s (%s ago)", at(l.DeadLetteredAt), time.Since(l.DeadLetteredAt).Round(time.Second))
	row("First sent", "%s", at(l.Source.SentAt))
	row("Received", "%d times", l.Source.ReceiveCount)
	row("Was message", "%s", dash(plain(l.Source.MessageID)))
	row("Gave up in", "request %s", dash(plain(l.Source.RequestID)))
	for _, name := range slices.Sorted(maps.Keys(l.Originals())) {
		row("Attribute", "%s = %s", plain(name), plain(aws.ToString(l.Attributes[name].StringValue)))
	}
	if do := advice[l.Outcome]; do != "" {
		row("What to do", "%s", do)
	}
	_ = w.Flush()
	if t.stack != nil && l.Source.RequestID != "" {
		a.print("Its log lines: aws logs filter-log-events --log-group-name %s --start-time %d --filter-pattern '\"%s\"'",
			t.stack.Outputs[stack.QueueLogGroup], l.DeadLetteredAt.Add(-time.Hour).UnixMilli(), plain(strings.ReplaceAll(l.Source.RequestID, "'", "")))
	}
}
