package main

import (
	"context"
	"time"

	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/ops/internal/key"
	"helpcrunch-mark-read/ops/internal/terminal"
	"helpcrunch-mark-read/shared/apikey"
	"helpcrunch-mark-read/shared/secret"
)

type keySet struct {
	Watch time.Duration `help:"How long to watch the held marks drain; 0 for not at all. A held mark comes back within 15 minutes." default:"20m"`
}

func (c *keySet) run(ctx context.Context, a *app, g *globals) error {
	t, err := a.target(ctx, g, needSecret)
	if err != nil {
		return err
	}
	content, err := terminal.Secret(ctx, a.in, a.err, "The new HelpCrunch API key (not shown): ")
	if err != nil {
		return err
	}
	value, err := apikey.Parse(secret.Trim(content))
	if err != nil {
		return &usageError{"what was given is no key: " + err.Error()}
	}
	if err := key.Prove(ctx, a.helpCrunch, t.baseURL, value); err != nil {
		return undone("nothing was changed: %s", err)
	}
	a.say("HelpCrunch accepts the key.")
	changed, err := key.Put(ctx, t.secrets(t.secretID), t.secretID, value)
	if err != nil {
		return err
	}
	if changed {
		a.say("The key is in the secret. The functions find it within 30 s, without a deployment.")
	} else {
		a.say("The secret held this key already.")
	}
	return c.watch(ctx, a, g, t, changed)
}

type keyJSON struct {
	Changed bool `json:"changed"`
	Waiting int  `json:"waiting"` // marks still on the queue when the watching ended
}

// watch shows the queue drain; it is not watched when nobody named it.
func (c *keySet) watch(ctx context.Context, a *app, g *globals, t *target, changed bool) error {
	var last deadletters.Counts
	if t.queueURL != "" && c.Watch > 0 {
		progress := a.progress()
		var most int
		counts, err := key.Drain(ctx, t.sqs(), t.queueURL, c.Watch, func(n deadletters.Counts) {
			most = max(most, total(n))
			progress.Show("marks drained", most-total(n), most)
		})
		progress.Clear()
		if err != nil {
			return err
		}
		last = counts
		if total(last) == 0 {
			a.say("The queue is empty: all held marks were worked on.")
		} else {
			a.say("About %d marks are still on the queue.", total(last))
		}
		a.say("Marks that expired before are dead letters: ops dead redrive --outcome key_rejected --outcome key_unavailable.")
	}
	if g.JSON {
		return a.printJSON(keyJSON{changed, total(last)})
	}
	return nil
}

func total(c deadletters.Counts) int { return c.Total() }
