package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"

	"helpcrunch-mark-read/ops/internal/terminal"
)

const description = `Operates a stack of helpcrunch-mark-read: its state, pauses, dead letters, marks, a doctor, the key and the callers' tokens.

It uses the AWS SDK's usual credentials and region (AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL, ...) and reads everything else
from the stack's outputs; queues, secrets and the base URL can also be named one by one. The variables OPS_STACK,
OPS_QUEUE_URL and OPS_DEAD_LETTER_QUEUE_URL stand for the flags of these names; ops mark takes a caller's token from
OPS_CALLER_TOKEN.

Examples:

  ops status --stack my-stack
  ops pause --stack my-stack --for 1h --reason "HelpCrunch is down"
  ops mark 5208 --read --stack my-stack
  ops token add crm --stack my-stack
  ops dead list --stack my-stack
  ops dead show --stack my-stack --outcome chat_not_found --limit 3
  ops dead redrive --stack my-stack --outcome key_rejected --dry-run
  ops dead purge --stack my-stack --outcome chat_not_found --before 24h
  ops send marks.csv --stack my-stack
  ops doctor --stack my-stack
  ops key set --stack my-stack
  ops dead list --local

Exit codes: 0 done; 1 something failed or is left undone; 2 the command was called wrongly; 3 the doctor found problems;
4 the input holds invalid lines or no marks, and nothing was sent; 130 stopped by a signal, in good order.`

// grammar is the command line, as kong reads it. What a command needs is found before it runs.
type grammar struct {
	globals `group:"Flags of every command:"`

	Dead struct {
		List    deadList    `cmd:"" needs:"dead-letters" help:"Count the dead letters by outcome and code. Changes nothing."`
		Show    deadShow    `cmd:"" needs:"dead-letters" help:"Show dead letters in full: the mark, why, when, how often tried, and what to look for in the logs. Changes nothing."`
		Redrive deadRedrive `cmd:"" needs:"dead-letters,queue" help:"Send dead letters back to the queue, in their old order."`
		Purge   deadPurge   `cmd:"" needs:"dead-letters" help:"Delete dead letters for good, after writing them to a file."`
	} `cmd:"" help:"Dead letters: the marks that could not be made."`
	Status  showStatus  `cmd:"" needs:"queue,dead-letters" help:"Show at a glance: running or paused, calls, what waits and until when, dead letters, the key. Changes nothing."`
	Mark    markOne     `cmd:"" needs:"api" help:"Send one mark through the deployed HTTP API, and show each step."`
	Pause   pauseQueue  `cmd:"" needs:"mapping,queue" help:"Stop the work on the queue. Marks are still accepted, and none is lost."`
	Resume  resumeQueue `cmd:"" needs:"mapping,queue" help:"Start the work on the queue again, and undo everything that a pause did."`
	Send    sendMarks   `cmd:"" needs:"queue" help:"Put many marks on the queue, from CSV or JSON lines."`
	Version showVersion `cmd:"" help:"Show the version of ops. Needs no AWS."`
	Doctor  examine     `cmd:"" needs:"queue,dead-letters" help:"Check the whole deployment and report what is wrong. Changes nothing."`
	Key     struct {
		Set keySet `cmd:"" needs:"secret" help:"Put a new HelpCrunch API key into the secret, after proving it, and watch held marks drain. The key is read from a prompt or the standard input, never from an argument."`
	} `cmd:"" help:"The HelpCrunch API key."`
	Token struct {
		Add    tokenAdd    `cmd:"" needs:"tokens" help:"Make a token for a caller, put it beside the others, and show it once. Two tokens side by side are how one is rotated."`
		List   tokenList   `cmd:"" needs:"tokens" help:"Show the names of the tokens. Changes nothing."`
		Remove tokenRemove `cmd:"" needs:"tokens" help:"Remove a token by its name."`
	} `cmd:"" help:"The callers' tokens of Authorization TOKEN."`
}

// run is the whole command: it returns the exit code.
func (a *app) run(ctx context.Context, args []string) int {
	a.progress = terminal.NewProgress(a.err)
	defer a.progress.Clear()
	chosen, flags, err := parse(args, a.out, a.err)
	if err == nil && chosen != nil {
		a.flags = flags
		err = a.execute(ctx, chosen)
	}
	code, says := judge(cmp.Or(err, a.unwritten))
	if says != "" {
		a.say("ops: %s", says)
	}
	return code
}

func (a *app) execute(ctx context.Context, chosen *kong.Node) (err error) {
	var t *target
	if needs := chosen.Tag.Get("needs"); needs != "" {
		if t, err = a.target(ctx, strings.Split(needs, ",")); err != nil {
			return err
		}
	}
	return chosen.Target.Addr().Interface().(command).run(ctx, a, t)
}

// parse reads the command line. Without a command and without an error, help was shown.
func parse(args []string, out, errOut io.Writer) (*kong.Node, *globals, error) {
	var g grammar
	helped := false
	parser, err := kong.New(&g, kong.Name("ops"), kong.Description(description), kong.Writers(out, errOut),
		kong.ConfigureHelp(kong.HelpOptions{NoExpandSubcommands: false, WrapUpperBound: 110}),
		kong.Exit(func(int) { helped = true }))
	if err != nil {
		return nil, nil, err
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if helped {
		return nil, nil, nil
	}
	switch {
	case err == nil:
		return parsed.Selected(), &g.globals, nil
	case slices.Contains(args, "token") && (strings.Contains(err.Error(), "unexpected argument") || strings.Contains(err.Error(), "unknown flag")):
		return nil, nil, usage("ops token takes a name and flags only (see -h). A token is never an argument, because the shell remembers it: --own asks for it")
	case slices.Contains(args, "key"):
		// kong repeats what it does not understand, and that may be the key.
		return nil, nil, usage("ops key set takes flags only (see -h). The key is never an argument, because the shell remembers it: type it at the prompt, or send it to the standard input")
	}
	return nil, nil, usage("%s", err)
}

// command is one leaf of the command line. Without needs it has no target.
type command interface {
	run(context.Context, *app, *target) error
}

// globals are the flags of every command.
type globals struct {
	Stack         string `help:"Name of the CloudFormation stack; its outputs name everything else." placeholder:"NAME" env:"OPS_STACK"`
	Local         bool   `help:"Use the local stack of 'make run' at its default addresses."`
	QueueURL      string `name:"queue-url" help:"URL of the marks queue, instead of the stack's." placeholder:"URL" env:"OPS_QUEUE_URL"`
	DeadLetterURL string `name:"dead-letter-queue-url" help:"URL of the dead-letter queue, instead of the stack's." placeholder:"URL" env:"OPS_DEAD_LETTER_QUEUE_URL"`
	SecretID      string `name:"secret-id" help:"Name or ARN of the secret with the API key, instead of the stack's." placeholder:"ID"`
	TokenSecretID string `name:"token-secret-id" help:"Name or ARN of the secret with the callers' tokens, instead of the stack's." placeholder:"ID"`
	BaseURL       string `name:"base-url" help:"Base URL of HelpCrunch's API, instead of the stack's." placeholder:"URL"`
	EndpointURL   string `name:"endpoint-url" help:"URL of the AWS API, instead of AWS_ENDPOINT_URL; with --local, where its SQS listens." placeholder:"URL"`
	Region        string `help:"AWS region, instead of AWS_REGION or the profile's." placeholder:"REGION"`
	Profile       string `help:"AWS profile, instead of AWS_PROFILE." placeholder:"NAME"`
	JSON          bool   `name:"json" help:"Write the result as JSON to the standard output, for machines."`
}

// AfterApply is called by kong. It makes --local exclude the other ways to name a stack, where they are flags; the
// environment yields to it, so that a printed command with --local means the local stack in every shell.
func (g *globals) AfterApply(parsed *kong.Context) error {
	if !g.Local {
		return nil
	}
	for _, p := range parsed.Path {
		if p.Flag != nil && slices.Contains([]string{"stack", "queue-url", "dead-letter-queue-url"}, p.Flag.Name) {
			return fmt.Errorf("--local and --%s can't be used together", p.Flag.Name)
		}
	}
	g.Stack, g.QueueURL, g.DeadLetterURL = "", "", ""
	return nil
}

// filter are the flags that choose dead letters.
type filter struct {
	Outcome []string `help:"Only with one of these outcomes, such as chat_not_found; 'none' for those that SQS moved by itself." placeholder:"OUTCOME"`
	Code    []string `help:"Only with one of these error codes of HelpCrunch's." placeholder:"CODE"`
	Chat    []int64  `help:"Only of these chats." placeholder:"ID"`
	After   moment   `help:"Only those dead-lettered at this time or later: 2026-01-31T15:04:05Z, 2026-01-31 15:04 (UTC), 2026-01-31, or how long ago: 90m, 24h." placeholder:"TIME"`
	Before  moment   `help:"Only those dead-lettered before this time." placeholder:"TIME"`
}

// Validate is called by kong. An outcome that does not exist would choose nothing, and look like good news.
func (f filter) Validate() error {
	for _, o := range f.Outcome {
		if advice[o] == "" {
			return fmt.Errorf("--outcome %q is none of %s", o, strings.Join(slices.Sorted(maps.Keys(advice)), ", "))
		}
	}
	return nil
}

// moment is a time on the command line.
type moment struct{ time.Time }

// UnmarshalText reads a time, or how long ago it is.
func (m *moment) UnmarshalText(text []byte) error {
	if ago, err := time.ParseDuration(string(text)); err == nil && ago >= 0 {
		m.Time = time.Now().Add(-ago).UTC()
		return nil
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05", "2006-01-02 15:04:05", "2006-01-02T15:04", "2006-01-02 15:04", time.DateOnly} {
		if t, err := time.Parse(layout, string(text)); err == nil {
			m.Time = t.UTC()
			return nil
		}
	}
	return fmt.Errorf("%q is no time such as 2026-01-31T15:04:05Z, 2026-01-31 or 24h", text)
}
