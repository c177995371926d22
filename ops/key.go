package main

import (
	"context"
	"time"

	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/ops/internal/key"
	"helpcrunch-mark-read/ops/internal/secrets"
	"helpcrunch-mark-read/ops/internal/terminal"
	"helpcrunch-mark-read/shared/apikey"
	"helpcrunch-mark-read/shared/secret"
)

type keySet struct {
	Watch time.Duration `help:"How long to watch the held marks drain; 0 for not at all. A held mark comes back within 15 minutes." default:"20m"`
}

func (c *keySet) run(ctx context.Context, a *app, t *target) error {
	if err := key.CheckBaseURL(t.BaseURL); err != nil {
		return usage("the key is not sent to %q: %s; check --base-url", t.BaseURL, err)
	}
	content, err := terminal.Secret(ctx, a.in, a.err, "The new HelpCrunch API key (not shown): ")
	if err != nil {
		return err
	}
	value, err := apikey.Parse(secret.Trim(content))
	if err != nil {
		return usage("this is no key: %s", err)
	}
	if err := key.Prove(ctx, a.helpCrunch, t.BaseURL, value); err != nil {
		return undone("nothing was changed: %s", err)
	}
	a.say("HelpCrunch accepts the key.")
	changed, err := secrets.PutKey(ctx, t.secrets(t.SecretID), t.SecretID, value)
	if err != nil {
		return err
	}
	if changed {
		a.say("The key is in the secret. The functions find it within 30 s, without a deployment.")
	} else {
		a.say("The secret held this key already.")
	}
	return c.watch(ctx, a, t, changed)
}

// watch shows the queue drain; it is not watched when nobody named it.
func (c *keySet) watch(ctx context.Context, a *app, t *target, changed bool) error {
	var left deadletters.Counts
	if t.QueueURL != "" && c.Watch > 0 {
		a.say("Watching the queue drain, for %s at most. A held mark comes back within 15 minutes.", c.Watch)
		var err error
		if left, err = key.Drain(ctx, t.sqs(), t.QueueURL, c.Watch, a.drained()); err != nil {
			return err
		}
		if left.Total() == 0 {
			a.say("The queue is empty: all held marks were worked on.")
		} else {
			a.say("About %s still on the queue.", terminal.Count(left.Total(), "mark", "is", "are"))
		}
		a.say("Marks that expired before are dead letters: ops dead redrive --outcome key_rejected --outcome key_unavailable.")
	}
	a.result(map[string]any{"changed": changed, "waiting": left.Total()}, func() {})
	return nil
}

const sayEvery = time.Minute // how often progress is reported where there is no terminal to draw it on

// drained returns what reports how far the queue has drained: a line that is drawn again and again, or a line a minute.
func (a *app) drained() func(deadletters.Counts) {
	most, said := 0, time.Now()
	return func(n deadletters.Counts) {
		most = max(most, n.Total())
		if !a.progress.Silent() {
			a.progress.Show("marks drained", most-n.Total(), most)
			return
		}
		if time.Since(said) >= sayEvery {
			a.say("%d of about %s drained.", most-n.Total(), terminal.Count(most, "mark"))
			said = time.Now()
		}
	}
}
