package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/ops/internal/stack"
	"helpcrunch-mark-read/ops/internal/terminal"
	"helpcrunch-mark-read/shared/deadletter"
)

type deadShow struct {
	filter
	ID    []string `arg:"" optional:"" help:"Message ids of dead letters, or of the messages that they were. Without one: the oldest that the flags choose."`
	Limit int      `help:"How many dead letters to show at most." default:"1"`
}

func (c *deadShow) run(ctx context.Context, a *app, t *target) error {
	choice := c.choice()
	choice.IDs = c.ID
	box := t.deadLetters(ctx)
	defer a.putBack(ctx, box)
	most := max(c.Limit, len(c.ID), 1)
	look := most
	if len(c.ID) == 0 {
		look++ // to know whether there are more
	}
	found, unseen, err := deadletters.Find(ctx, box, choice, look)
	if err != nil {
		return err
	}
	if len(found) == 0 {
		a.sayRest(box, unseen)
		return undone("no dead letter in %s is chosen by this", path.Base(t.DeadLetterURL))
	}
	for i, l := range found[:min(len(found), most)] {
		a.result(newDeadLetterJSON(l), func() {
			if i > 0 {
				a.print("")
			}
			a.showDeadLetter(t, l)
		})
	}
	if len(found) > most {
		a.say("The oldest that the flags choose; --limit shows more.")
	}
	return nil
}

// deadLetterJSON is a dead letter with what its attributes mean.
type deadLetterJSON struct {
	deadletters.Full
	Outcome    string            `json:"outcome"`
	Codes      []string          `json:"codes"`
	Status     int               `json:"status,omitempty,string"` // HelpCrunch's; 0 when it did not answer
	Message    string            `json:"message,omitempty"`
	Source     deadletter.Source `json:"source"`
	MovedBySQS bool              `json:"movedBySqs,omitempty"`
	Fault      string            `json:"fault,omitempty"` // why the body is invalid
	Advice     string            `json:"advice,omitempty"`
}

func newDeadLetterJSON(l *deadletters.DeadLetter) deadLetterJSON {
	j := deadLetterJSON{
		Full: deadletters.Complete(l), Outcome: l.Outcome, Codes: append([]string{}, l.Codes...), Status: l.Status,
		Message: l.Message, Source: l.Source, MovedBySQS: l.MovedBySQS, Advice: advice[l.Outcome],
	}
	if l.Fault != nil {
		j.Fault = l.Fault.Error()
	}
	return j
}

func (a *app) showDeadLetter(t *target, l *deadletters.DeadLetter) {
	row := func(name, format string, args ...any) { a.print("%-15s%s", name, fmt.Sprintf(format, args...)) }
	row("Dead letter", "%s", l.ID)
	if l.Fault == nil {
		asOf := ""
		if b := l.Mark.AsOf; b.Set {
			asOf = fmt.Sprintf(", as of %s (%d)", at(time.Unix(b.Seconds, 0)), b.Seconds)
		}
		row("Mark", "chat %d, reader %s, read %t%s", l.Mark.ID, l.Mark.Reader, l.Mark.Read, asOf)
	} else {
		row("Invalid", "%s", plain(l.Fault.Error()))
		row("Body", "%s", plain(l.Body))
	}
	row("Outcome", "%s", plain(l.Outcome))
	status := "-"
	if l.Status != 0 {
		status = strconv.Itoa(l.Status)
	}
	row("HelpCrunch", "status %s, codes %s", status, cmp.Or(plain(strings.Join(l.Codes, ",")), "-"))
	row("Message", "%s", cmp.Or(plain(l.Message), "-"))
	row("Dead-lettered", "%s (%s ago)", at(l.DeadLetteredAt), time.Since(l.DeadLetteredAt).Round(time.Second))
	row("Sent", "%s", at(l.Source.SentAt))
	row("Received", "%s", terminal.Count(l.Source.ReceiveCount, "time"))
	row("Was message", "%s", cmp.Or(plain(l.Source.MessageID), "-"))
	row("Decided in", "request %s", cmp.Or(plain(l.Source.RequestID), "-"))
	if l.Source.TraceID != "" {
		row("Trace", "%s", plain(l.Source.TraceID))
	}
	originals := l.Originals()
	for _, name := range slices.Sorted(maps.Keys(originals)) {
		row("Attribute", "%s = %s", plain(name), plain(aws.ToString(originals[name].StringValue)))
	}
	if do := advice[l.Outcome]; do != "" {
		row("What to do", "%s", do)
	}
	if t.deployed != nil && l.Source.RequestID != "" {
		a.print("Its log lines: aws logs filter-log-events --log-group-name %s --start-time %d --filter-pattern '\"%s\"'",
			t.deployed.Outputs[stack.QueueLogGroup], l.DeadLetteredAt.Add(-time.Hour).UnixMilli(), plain(strings.ReplaceAll(l.Source.RequestID, "'", "")))
	}
}
