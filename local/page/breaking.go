package page

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"helpcrunch-mark-read/local/simulator"
)

// weather is a state that HelpCrunch can be put into.
type weather struct {
	name  string // the value of the page's switch
	fault simulator.Fault
}

// fair is the name of the weather without a fault.
const fair = "fair"

func weathers() []weather {
	return []weather{
		{"down", simulator.Fault{Kind: simulator.Unavailable}},
		{"slow", simulator.Fault{Kind: simulator.Slow, Delay: 2 * time.Second}},
		{"silent", simulator.Fault{Kind: simulator.Hang}},
		{"breaking", simulator.Fault{Kind: simulator.BrokenBeforeHeaders}},
		{"throttling", simulator.Fault{Kind: simulator.TooManyRequests, RetryAfter: "5"}},
		{"page", simulator.Fault{Kind: simulator.HTML}},
	}
}

// weatherName recognizes what this page has switched on, and is empty for anything else.
func weatherName(faults []simulator.Fault) string {
	if len(faults) == 0 {
		return fair
	}
	for _, w := range weathers() {
		if f := faults[0]; len(faults) == 1 && f.Kind == w.fault.Kind && f.Chat == 0 && f.Times == 0 {
			return w.name
		}
	}
	return ""
}

func (p *Page) setWeather(_ context.Context, in input) (told, error) {
	if in.Weather == fair {
		return told{Text: "HelpCrunch is well."}, p.o.Simulator.SetFaults()
	}
	for _, w := range weathers() {
		if w.name == in.Weather {
			return told{Text: "HelpCrunch is in trouble."}, p.o.Simulator.SetFaults(w.fault)
		}
	}
	return told{}, inputError("there is no such weather")
}

func (p *Page) setLimit(_ context.Context, in input) (told, error) {
	if err := p.o.Simulator.SetLimit(in.Limit, p.o.Simulator.State().Limit.RetryAfter); err != nil {
		return told{}, inputError(err.Error())
	}
	if in.Limit == simulator.Unlimited {
		return told{Text: "The account has no limit now."}, nil
	}
	return told{Text: fmt.Sprintf("The account's limit is %d requests a minute now.", in.Limit)}, nil
}

func (p *Page) revokeKey(context.Context, input) (told, error) {
	return told{Text: "The key is revoked: HelpCrunch answers 401."}, p.o.Simulator.SetKeys()
}

// rotateKey replaces the key as an operator does: HelpCrunch accepts the new one only, and then it is in the secret.
func (p *Page) rotateKey(context.Context, input) (told, error) {
	key := "local-" + rand.Text()
	if err := p.o.Simulator.SetKeys(key); err != nil {
		return told{}, err
	}
	if _, err := p.o.Secrets.Set(p.o.KeySecret, key); err != nil {
		return told{}, err
	}
	return told{Text: "A new key is in Secrets Manager. It is picked up within 30 s, without a deployment."}, nil
}

// mend undoes everything that this page can break. A revoked key is replaced, as revoked keys are not given back.
func (p *Page) mend(ctx context.Context, in input) (told, error) {
	if err := p.o.Simulator.SetFaults(); err != nil {
		return told{}, err
	}
	if err := p.o.Simulator.SetLimit(simulator.DefaultRequestsPerMinute, simulator.RetryAfterNone); err != nil {
		return told{}, err
	}
	if p.o.Simulator.State().AcceptedKeys == 0 {
		return p.rotateKey(ctx, in)
	}
	return told{Text: "All is well again."}, nil
}
