package boot

import (
	"slices"

	"helpcrunch-mark-read/shared/helpcrunch"
)

// Variable is an environment variable that the functions read. Lambda's and the AWS SDK's own ones are not listed.
type Variable struct {
	Name     string
	For      string // "both", "http" or "queue"
	Required bool
	Default  string // the value that a missing or empty one counts as
	Note     string // what else there is to say of it in the documents, in Markdown
}

// Variables returns what the functions read, in the order of the documents.
func Variables() []Variable { return slices.Clone(variables) }

var variables = []Variable{
	{Name: "HELPCRUNCH_SECRET_ID", For: "both", Required: true, Note: "the name or ARN of the secret with HelpCrunch's API key: a plain string, binary, or a JSON object with `apiKey` or with a single member named like a key"},
	{Name: "HELPCRUNCH_BASE_URL", For: "both", Default: helpcrunch.DefaultBaseURL},
	{Name: "HELPCRUNCH_KEY_TTL", For: "both", Default: "5m", Note: "how long the key is cached, 24h at most"},
	{Name: "RESTORE_UNREAD", For: "both", Default: "false", Note: "`true` sets the flag of an overtaken mark back to unread"},
	{Name: "MARKS_QUEUE_URL", For: "both", Required: true},
	{Name: "DEAD_LETTER_QUEUE_URL", For: "queue", Required: true},
	{Name: "REQUESTS_PER_MINUTE", For: "queue", Default: "100", Note: "the queue's share of the account's limit"},
	{Name: "MAXIMUM_CONCURRENCY", For: "queue", Default: "2", Note: "how many environments divide that share"},
	{Name: "RETRY_WINDOW", For: "queue", Default: "24h", Note: "how old a message may grow by being held, 96h at most"},
	{Name: "CALLER_TOKEN_SECRET_ID", For: "http", Note: "API Gateway authorizes. Otherwise the name or ARN of a secret with one token a line, or a JSON object whose values are the tokens"},
}

// variable returns the line of the table; the name is one of it.
func variable(name string) Variable {
	return variables[slices.IndexFunc(variables, func(v Variable) bool { return v.Name == name })]
}
