package main

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"strings"
	"text/tabwriter"
	"time"

	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/ops/internal/explain"
	"helpcrunch-mark-read/ops/internal/terminal"
	"helpcrunch-mark-read/shared/outcome"
)

// advice says, for each outcome that a dead letter can have, what to do about it; docs/operations.md says more.
var advice = map[string]string{
	string(outcome.KeyRejected):    "put a valid key in with ops key set, then redrive",
	string(outcome.KeyUnavailable): "run ops doctor, fix the secret or its permissions, then redrive",
	string(outcome.RateLimited):    "lower what else uses the account's limit, or RequestsPerMinute, then redrive with --rate",
	string(outcome.InvalidRequest): "the sender must be fixed: the same body is dead-lettered again; purge",
	string(outcome.ChatNotFound):   "the chat is gone, or never was: purge, unless it exists in HelpCrunch by now",
	string(outcome.TimedOut):       "redrive when HelpCrunch answers again",
	string(outcome.Unavailable):    "redrive when HelpCrunch is back",
	string(outcome.Unexpected):     "look at the log lines of this outcome, fix the cause, then redrive",
	deadletters.NoOutcome:          "SQS moved it, because the function failed on it many times without an outcome: look for crashes in the logs, then redrive",
	deadletters.NoRoom:             "there was no room for a reason beside its own attributes: look for its message id in the logs, or redrive to see",
}

func (f *filter) choice() deadletters.Filter {
	return deadletters.Filter{Outcomes: f.Outcome, Codes: f.Code, Chats: f.Chat, After: f.After.Time, Before: f.Before.Time}
}

func (t *target) deadLetters(ctx context.Context) *deadletters.Box {
	return deadletters.Open(ctx, t.sqs(), t.DeadLetterURL)
}

// putBack puts every dead letter that is out back.
func (a *app) putBack(ctx context.Context, box *deadletters.Box) {
	if left := box.Close(ctx); left > 0 {
		a.say("%s could not be put back; SQS does it within %s", deadLetterCount(left), deadletters.Visibility)
	}
}

// deadLetterCount is "1 dead letter" or "2 dead letters".
func deadLetterCount(n int) string { return terminal.Count(n, "dead letter") }

type deadList struct{ filter }

func (c *deadList) run(ctx context.Context, a *app, t *target) error {
	box := t.deadLetters(ctx)
	defer a.putBack(ctx, box)
	box.Progress = a.progress.Show
	summary, unseen, err := deadletters.List(ctx, box, c.choice())
	if err != nil {
		return err
	}
	a.result(map[string]any{"deadLetterQueueUrl": t.DeadLetterURL, "letters": summary.Count, "rows": summary.Rows(), "unseen": unseen}, func() {
		a.printSummary(t, summary)
		a.sayRest(box, unseen)
	})
	return nil
}

func (a *app) printSummary(t *target, s deadletters.Summary) {
	if s.Count == 0 {
		a.print("No dead letter in %s is chosen by this.", path.Base(t.DeadLetterURL))
		return
	}
	a.print("%s in %s", deadLetterCount(s.Count), path.Base(t.DeadLetterURL))
	w := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "COUNT\tOUTCOME\tCODES\tOLDEST\tNEWEST\tEXAMPLE")
	for _, r := range s.Rows() {
		fmt.Fprintf(w, "%d\t%s\t%s\t%s\t%s\t%s %s\n", r.Count, plain(r.Outcome), cmp.Or(plain(r.Codes), "-"), at(r.Oldest), at(r.Newest), r.Example, r.Mark)
	}
	_ = w.Flush() // the standard output's own errors can be reported nowhere
}

const maxChats = 20 // how many chats are named one by one

// sayRest reports what the command could not look at, and why it left what it could have changed.
func (a *app) sayRest(box *deadletters.Box, u deadletters.Unseen, left ...error) {
	switch {
	case u.Behind > 0 && box.FIFO():
		a.say("About %d more lie behind others of the same chat: SQS returns at most ten of a chat, in their order, and the next only when those are redriven or purged.", u.Behind)
		if len(u.Chats) > 0 {
			chats := plain(strings.Join(u.Chats[:min(len(u.Chats), maxChats)], ", "))
			if more := len(u.Chats) - maxChats; more > 0 {
				chats += fmt.Sprintf(" and %d more", more)
			}
			a.say("Ten are out of each of these chats, so more may follow: %s", chats)
		}
	case u.Behind > 0:
		a.say("SQS did not return about %s this time. Run the command again.", deadLetterCount(u.Behind))
	}
	switch {
	case u.Elsewhere > 0 && u.Lost > 0:
		a.say("About %s out of sight, because %s of SQS's, with up to ten each, did not arrive. SQS puts them back within %s. Run the command again then.",
			terminal.Count(u.Elsewhere, "dead letter", "is", "are"), terminal.Count(u.Lost, "answer"), deadletters.Visibility)
	case u.Elsewhere > 0:
		a.say("About %s out of sight: another ops is looking at them, was killed less than %s ago, or an answer of SQS's to it was lost on the way. They come back within %[2]s of that. Run the command again then.",
			terminal.Count(u.Elsewhere, "dead letter", "is", "are"), deadletters.Visibility)
	}
	for _, reason := range left {
		a.say("Left in the dead-letter queue: %s", explain.Sentence(reason))
	}
}

// at shows a time, always in UTC, as the logs do.
func at(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return t.UTC().Format("2006-01-02 15:04:05Z")
}
