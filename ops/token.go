package main

import (
	"context"
	"errors"

	"helpcrunch-mark-read/ops/internal/explain"
	"helpcrunch-mark-read/ops/internal/secrets"
	"helpcrunch-mark-read/ops/internal/stack"
	"helpcrunch-mark-read/ops/internal/terminal"
	"helpcrunch-mark-read/shared/apikey"
	"helpcrunch-mark-read/shared/secret"
)

// The bounds of functions/http's cache: a new token works after countsWithin, and a removed one no longer after forgottenAfter.
const (
	countsWithin   = "30 s"
	forgottenAfter = 60 // seconds
)

type tokenAdd struct {
	Name string `arg:"" help:"A name for the token, such as the caller's."`
	Own  bool   `help:"Take a token of your own, from a prompt or the standard input, instead of making one."`
}

type tokenList struct{}

type tokenRemove struct {
	Name string `arg:"" help:"The token's name."`
	Last bool   `help:"Remove it even if it is the last one, and nobody is let in any more."`
}

func (c tokenAdd) Validate() error {
	if c.Name == "" {
		return nil // kong reports that
	}
	return secrets.CheckName(c.Name)
}

func (c *tokenAdd) run(ctx context.Context, a *app, t *target) error {
	token := secrets.Token{Name: c.Name, Value: secrets.Random()}
	if c.Own {
		content, err := terminal.Secret(ctx, a.in, a.err, "The token (not shown): ")
		if err != nil {
			return err
		}
		token.Value = secret.Trim(content)
		if err := secrets.CheckValue(token.Value); err != nil {
			return usage("%s", err)
		}
	}
	key, err := helpCrunchKey(ctx, t)
	if err != nil && c.Own { // a random token can't be the key
		return undone("nothing was changed: whether this token is HelpCrunch's key can't be checked: %s", explain.Sentence(err))
	}
	_, err = t.tokenStore().Change(ctx, func(s secrets.Set) (secrets.Set, error) {
		if s, err = s.With(token); err == nil {
			err = refuseKey(s, key)
		}
		if err != nil {
			return nil, undone("nothing was changed: %s", err)
		}
		return s, nil
	})
	if err != nil {
		return err
	}
	c.report(a, t, token)
	return nil
}

func (c *tokenAdd) report(a *app, t *target, token secrets.Token) {
	if c.Own {
		token.Value = ""
	}
	a.result(map[string]string{"name": token.Name, "token": token.Value}, func() {
		a.say("The token %s is in the secret. It counts within %s.", token.Name, countsWithin)
		if !c.Own {
			a.say("This is the token, shown only now; the caller sends it as Authorization: Bearer TOKEN.")
			a.print("%s", token.Value)
		}
		if t.deployed != nil && t.deployed.Outputs[stack.HTTPAPIURL] != "" {
			a.say("The caller's base URL is %s, in the place of https://api.helpcrunch.com/v1.", t.deployed.Outputs[stack.HTTPAPIURL])
		}
	})
}

func (c *tokenList) run(ctx context.Context, a *app, t *target) error {
	set, _, err := t.tokenStore().Read(ctx)
	if err != nil {
		return err
	}
	a.result(set.Names(), func() {
		for _, name := range set.Names() {
			a.print("%s", plain(name))
		}
	})
	if len(set) == 0 {
		a.say("There are no tokens: nobody is let in. ops token add makes one.")
	}
	key, err := helpCrunchKey(ctx, t)
	if err != nil {
		return nil // who may only list tokens need not read the key
	}
	return refuseKey(set, key)
}

func (c *tokenRemove) run(ctx context.Context, a *app, t *target) error {
	remove := func(last bool) error {
		_, err := t.tokenStore().Change(ctx, func(s secrets.Set) (secrets.Set, error) { return s.Without(c.Name, last) })
		return err
	}
	err := remove(c.Last)
	if errors.Is(err, secrets.ErrLast) {
		answer, askErr := a.ask(ctx, a.in, a.err, "This is the last token: without it nobody is let in. Type its name to remove it: ")
		switch {
		case errors.Is(askErr, terminal.ErrNoTerminal):
			return undone("nothing was changed: %s; --last removes it all the same", err)
		case askErr != nil:
			return askErr
		case answer != c.Name:
			return undone("nothing was changed")
		}
		err = remove(true)
	}
	if err != nil {
		return err
	}
	a.result(map[string]any{"name": c.Name, "countsForSeconds": forgottenAfter}, func() {
		a.print("The token %s is removed. It counts for %d s more at most.", c.Name, forgottenAfter)
	})
	return nil
}

// tokenStore is the secret with the callers' tokens.
func (t *target) tokenStore() *secrets.Store {
	return &secrets.Store{API: t.secrets(t.TokenSecretID), SecretID: t.TokenSecretID}
}

// refuseKey reports a token that is HelpCrunch's key: whoever is given it could use all of the account.
func refuseKey(s secrets.Set, key string) error {
	if name := s.Holds(key); key != "" && name != "" {
		return undone("the token %s is HelpCrunch's own key, which no caller may have: make another token for that caller, and remove this one", plain(name))
	}
	return nil
}

// helpCrunchKey is the key, or "" where the secret holds none.
func helpCrunchKey(ctx context.Context, t *target) (string, error) {
	if t.SecretID == "" {
		return "", nil
	}
	key, err := secret.FromSecretsManager(t.secrets(t.SecretID), t.SecretID, apikey.Parse)(ctx)
	if unavailable, ok := errors.AsType[*secret.UnavailableError](err); ok && unavailable.Unusable {
		return "", nil
	}
	return key, err
}
