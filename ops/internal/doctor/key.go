package doctor

import (
	"context"
	"errors"
	"fmt"

	"helpcrunch-mark-read/ops/internal/key"
	"helpcrunch-mark-read/ops/internal/stack"
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

func checkShare(_ context.Context, d *Doctor, _ *seen) Finding {
	share, left := d.RequestsPerMinute, documentedLimit-d.RequestsPerMinute
	switch {
	case share == 0:
		return skipped(needsStack)
	case left < 0:
		return warning(fmt.Sprintf("the queue may make %d calls a minute, more than the %d that HelpCrunch allows an account by default", share, documentedLimit),
			"set RequestsPerMinute lower, unless your account's limit is higher")
	}
	return ok("the queue makes at most %d calls a minute; of HelpCrunch's default of %d that leaves %d to the HTTP API and your other tools", share, documentedLimit, left)
}
