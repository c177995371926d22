package doctor

import (
	"context"
	"errors"
	"fmt"

	"helpcrunch-mark-read/ops/internal/key"
	"helpcrunch-mark-read/ops/internal/stack"
	"helpcrunch-mark-read/ops/internal/terminal"
	"helpcrunch-mark-read/shared/apikey"
	"helpcrunch-mark-read/shared/secret"
)

// documentedLimit is what HelpCrunch's documentation allows a whole account, in requests a minute.
const documentedLimit = 120

const setKey = "put a valid key in with ops key set"

// checkSecret reads the secret as the functions do. Their role may still be refused what the operator is not.
func checkSecret(ctx context.Context, d *Doctor, s *seen) Finding {
	switch {
	case d.SecretID == "" && d.Stack == nil:
		return skipped("needs --stack or --secret-id")
	case d.SecretID == "":
		return problem("the stack has no output "+stack.HelpCrunchSecretID, "deploy the stack again, or name the secret with --secret-id")
	}
	value, err := secret.FromSecretsManager(d.Secrets, d.SecretID, apikey.Parse)(ctx)
	var unavailable *secret.UnavailableError
	if errors.As(err, &unavailable) && unavailable.Unusable {
		return problem(err.Error(), setKey)
	}
	if err != nil {
		if errors.As(err, &unavailable) && unavailable.Cause != nil {
			err = unavailable.Cause
		}
		f := unknown(err)
		f.Do = "if the secret is new and empty: " + setKey
		return f
	}
	s.key = value
	return ok("it can be read, and holds a key that can be used (not shown)")
}

func checkKey(ctx context.Context, d *Doctor, s *seen) Finding {
	if s.key == "" {
		return skipped("there is no key to try, see above")
	}
	err := key.Prove(ctx, d.HelpCrunch, d.BaseURL, s.key)
	var rejected *key.RejectedError
	switch {
	case errors.As(err, &rejected):
		return problem(err.Error()+": marks are held, and become dead letters when the retry window is over", setKey)
	case err != nil:
		return Finding{Status: Unknown, Says: err.Error(), Do: "look at HelpCrunch's status page, and try again in a minute"}
	}
	return ok("HelpCrunch accepts it")
}

// checkRate looks at the calls a minute that the queue may make.
func checkRate(_ context.Context, d *Doctor, _ *seen) Finding {
	rate, left := d.RequestsPerMinute, documentedLimit-d.RequestsPerMinute
	if rate == 0 || d.Stack == nil {
		return skipped(needsStack)
	}
	environments := number(d.Stack.Parameters[stack.MaximumConcurrency])
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
