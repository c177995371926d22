package main

import (
	"helpcrunch-mark-read/ops/internal/deadletters"
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
