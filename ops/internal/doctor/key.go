package doctor

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"helpcrunch-mark-read/ops/internal/explain"
	"helpcrunch-mark-read/ops/internal/key"
	"helpcrunch-mark-read/ops/internal/pause"
	"helpcrunch-mark-read/ops/internal/stack"
	"helpcrunch-mark-read/ops/internal/terminal"
	"helpcrunch-mark-read/shared/apikey"
	"helpcrunch-mark-read/shared/secret"
)

const documentedLimit = 120 // what HelpCrunch's documentation allows a whole account, in requests a minute

const setKey = "put a valid key in with ops key set"

// checkSecret reads the secret as the functions do. Their role may still be refused what the operator is not.
func checkSecret(ctx context.Context, d *Doctor, s *seen) Finding {
	switch {
	case d.SecretID == "" && d.Stack == nil:
		return skipped("needs --stack or --secret-id")
	case d.SecretID == "":
		return problem("the stack has no output "+stack.HelpCrunchSecretID, "deploy the stack again, or name the secret with --secret-id")
	}
	value, err := secret.FromSecretsManager(secretsmanager.NewFromConfig(d.AWS), d.SecretID, apikey.Parse)(ctx)
	if unusable(err) {
		return problem(err.Error(), setKey)
	}
	if err != nil {
		return unreadable(err, setKey)
	}
	s.key = value
	return ok("it can be read, and holds a key that can be used (not shown)")
}

// unusable reports whether a secret was read, and its content is the problem.
func unusable(err error) bool {
	unavailable, ok := errors.AsType[*secret.UnavailableError](err)
	return ok && unavailable.Unusable
}

// unreadable is for a secret that AWS did not let us read.
func unreadable(err error, fill string) Finding {
	return Finding{Status: Unknown, Says: explain.Sentence(cmp.Or(errors.Unwrap(err), err)), Do: "if the secret is new and empty: " + fill}
}

func checkKey(ctx context.Context, d *Doctor, s *seen) Finding {
	err := key.Prove(ctx, d.HelpCrunch, d.BaseURL, s.key)
	if errors.Is(err, key.ErrRejected) {
		return problem(err.Error()+": marks are held, and become dead letters when the retry window is over", setKey)
	}
	if err != nil {
		return Finding{Status: Unknown, Says: err.Error(), Do: "look at HelpCrunch's status page, and try again in a minute"}
	}
	return ok("HelpCrunch accepts it")
}

// checkRate looks at the calls a minute that the queue may make.
func checkRate(_ context.Context, d *Doctor, _ *seen) Finding {
	rate, environments := d.Stack.Parameter(stack.RequestsPerMinute), d.Stack.Parameter(stack.MaximumConcurrency)
	left := documentedLimit - rate
	switch {
	case left < 0:
		return warning(fmt.Sprintf("the queue may make %d calls a minute, more than the %d that HelpCrunch allows an account by default", rate, documentedLimit),
			"set RequestsPerMinute lower, unless your account's limit is higher")
	case rate < environments:
		return warning(fmt.Sprintf("%s a minute among %d execution environments is less than one for each: marks are received many times before their turn", terminal.Count(rate, "call"), environments),
			fmt.Sprintf("set MaximumConcurrency to %d or less, or RequestsPerMinute higher", max(rate, 2)))
	}
	return ok("the queue makes at most %s a minute; of HelpCrunch's default of %d that leaves %d to the HTTP API and your other tools", terminal.Count(rate, "call"), documentedLimit, left)
}

func (d *Doctor) pause() *pause.Switch { return &pause.Switch{AWS: d.AWS, Stack: d.Stack} }

// checkPause looks at whether somebody stopped the work on the queue, and whether it will start again as promised.
func checkPause(ctx context.Context, d *Doctor, s *seen) Finding {
	state, err := d.pause().Read(ctx)
	if err != nil {
		return unknown(err)
	}
	s.stopped = state.Stopped()
	switch state.Kind {
	case pause.Disabled:
		return problem(fmt.Sprintf("somebody disabled the event source mapping (Lambda says %s since %s): nothing leaves the queue", state.Mapping, pause.Clock(state.Since)), "ops resume")
	case pause.Unfinished:
		return problem("a pause was begun and not finished: the queue runs", "ops pause, or ops resume to remove what is left of it")
	case pause.Overdue:
		return problem(fmt.Sprintf("the queue should have been resumed at %s, and is still paused", pause.Clock(state.Until)), "ops resume")
	case pause.Running:
		return ok("the queue is not paused")
	}
	return d.judgePaused(ctx, state)
}

func (d *Doctor) judgePaused(ctx context.Context, state *pause.State) Finding {
	says := strings.TrimSuffix("paused since "+pause.Clock(state.Since)+": "+state.Reason, ": ")
	if state.Until.IsZero() {
		return warning(says+"; it has no end", "ops resume")
	}
	scheduled, err := d.pause().Scheduled(ctx)
	switch {
	case err != nil:
		return unknown(err)
	case !scheduled:
		return problem(says+"; it should end at "+pause.Clock(state.Until)+", but there is no schedule that would resume", "ops resume, or ops pause --for again")
	}
	return warning(says+"; AWS resumes at "+pause.Clock(state.Until), "ops resume does it sooner")
}
