package main

import (
	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/shared/outcome"
)

// advice says, for each outcome that a letter can have, what to do about it; docs/operations.md says more.
var advice = map[string]string{
	string(outcome.KeyRejected):    "put a valid key in with ops key set, then redrive",
	string(outcome.KeyUnavailable): "run ops doctor, mend the secret or its permissions, then redrive",
	string(outcome.RateLimited):    "lower what else uses the account's limit, or RequestsPerMinute, then redrive with --rate",
	string(outcome.InvalidRequest): "the sender must be mended: the same body dies again; purge",
	string(outcome.ChatNotFound):   "the chat is gone, or never was: purge, unless it exists in HelpCrunch by now",
	string(outcome.TimedOut):       "redrive when HelpCrunch answers again",
	string(outcome.Unavailable):    "redrive when HelpCrunch is back",
	string(outcome.Unexpected):     "look at the log lines of this outcome, mend the cause, then redrive",
	deadletters.NoOutcome:          "the function died on it many times: look for crashes in the logs, then redrive",
}
