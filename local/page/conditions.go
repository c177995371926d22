package page

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"helpcrunch-mark-read/local/simulator"
)

// up is the name of the condition without a fault.
const up = "up"

// conditions are the states that HelpCrunch can be put into, by the value of the page's switch.
var conditions = map[string]simulator.Fault{
	"down":       {Kind: simulator.Unavailable},
	"slow":       {Kind: simulator.Slow, Delay: "2s"},
	"silent":     {Kind: simulator.Hang},
	"breaking":   {Kind: simulator.BrokenBeforeHeaders},
	"throttling": {Kind: simulator.TooManyRequests, RetryAfter: "5"},
	"page":       {Kind: simulator.HTML},
}

// conditionOf recognizes what this page has switched on, and is empty for anything else.
func conditionOf(faults []simulator.Fault) string {
	if len(faults) == 0 {
		return up
	}
	for name, fault := range conditions {
		if f := faults[0]; len(faults) == 1 && f.Kind == fault.Kind && f.Chat == 0 && f.Times == 0 {
			return name
		}
	}
	return ""
}

func (p *Page) setCondition(_ context.Context, in input) (result, error) {
	if in.Condition == up {
		return result{Text: "HelpCrunch works."}, p.Simulator.SetFaults()
	}
	fault, ok := conditions[in.Condition]
	if !ok {
		return result{}, inputError("there is no such condition")
	}
	return result{Text: "HelpCrunch is in trouble."}, p.Simulator.SetFaults(fault)
}

func (p *Page) setLimit(_ context.Context, in input) (result, error) {
	if err := p.Simulator.SetLimit(in.Limit); err != nil {
		return result{}, inputError(err.Error())
	}
	if in.Limit == simulator.Unlimited {
		return result{Text: "The account has no limit now."}, nil
	}
	return result{Text: fmt.Sprintf("The account's limit is %d requests a minute now.", in.Limit)}, nil
}

func (p *Page) revokeKey(context.Context, input) (result, error) {
	return result{Text: "The key is revoked: HelpCrunch answers 401."}, p.Simulator.SetKeys()
}

func (p *Page) rotateKey(context.Context, input) (result, error) {
	err := p.RotateKey("local-" + rand.Text())
	return result{Text: "A new key is in Secrets Manager. It is used within 30 s, without a deployment."}, err
}

// repair undoes everything that this page can break. A revoked key is replaced, as revoked keys do not come back.
func (p *Page) repair(ctx context.Context, in input) (result, error) {
	p.Mapping.Resume()
	err := errors.Join(p.Simulator.SetFaults(), p.Simulator.SetLimit(simulator.DefaultRequestsPerMinute))
	if err == nil && p.Simulator.State().AcceptedKeys == 0 {
		return p.rotateKey(ctx, in)
	}
	return result{Text: "Everything works again."}, err
}

func (p *Page) pause(context.Context, input) (result, error) {
	p.Mapping.Pause()
	return result{Text: "Paused: no receive starts any more. What is in flight ends, and new messages wait."}, nil
}

func (p *Page) resume(context.Context, input) (result, error) {
	p.Mapping.Resume()
	return result{Text: "Resumed."}, nil
}

// addMessage lets somebody write in a chat, now or while its next mark is on its way.
func (p *Page) addMessage(_ context.Context, in input) (result, error) {
	m := simulator.Message{From: in.From, BeforeNextCall: in.BeforeNextCall}
	if err := p.Simulator.AddMessage(in.Chat, m); err != nil {
		return result{}, inputError(err.Error())
	}
	if m.BeforeNextCall {
		return result{Text: fmt.Sprintf("The %s will write while the next mark for chat %d is on its way.", m.From, in.Chat)}, nil
	}
	return result{Text: fmt.Sprintf("The %s has written in chat %d.", m.From, in.Chat)}, nil
}
