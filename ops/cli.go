package main

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

const description = `Operates a stack of helpcrunch-mark-read: dead letters, bulk marks, a doctor, and the key.

It uses the AWS SDK's usual credentials and region (AWS_PROFILE, AWS_REGION, AWS_ENDPOINT_URL, ...) and finds its way by the
stack's name; the queues, the secret and the base URL can also be named one by one.

Exit codes: 0 done; 1 something failed or is left undone; 2 the command was called wrongly; 3 the doctor found problems;
4 the input holds lines that are no marks, and nothing was sent; 130 stopped by a signal, in good order.`

// grammar is the command line, as kong reads it.
type grammar struct {
	globals

	Dead struct {
		List    deadList    `cmd:"" help:"Count the dead letters by outcome and code. Changes nothing."`
		Show    deadShow    `cmd:"" help:"Show dead letters in full: the mark, why, when, how often tried, and what to look for in the logs. Changes nothing."`
		Redrive deadRedrive `cmd:"" help:"Send dead letters back to the queue, in their old order."`
		Purge   deadPurge   `cmd:"" help:"Delete dead letters for good, after writing them to a file."`
	} `cmd:"" help:"Dead letters: the marks that could not be made."`
	Send   sendMarks `cmd:"" help:"Put many marks on the queue, from CSV or JSON lines."`
	Doctor examine   `cmd:"" help:"Walk the whole chain and say what is wrong. Changes nothing."`
	Key    struct {
		Set keySet `cmd:"" help:"Put a new HelpCrunch API key into the secret, after proving it, and watch held marks drain. The key is read from a prompt or the standard input, never from an argument."`
	} `cmd:"" help:"The HelpCrunch API key."`
}

// globals are the flags of every command.
type globals struct {
	Stack         string `help:"Name of the CloudFormation stack; its outputs tell the rest." placeholder:"NAME"`
	QueueURL      string `name:"queue-url" help:"The queue of marks, instead of the stack's." placeholder:"URL"`
	DeadLetterURL string `name:"dead-letter-queue-url" help:"The dead-letter queue, instead of the stack's." placeholder:"URL"`
	SecretID      string `name:"secret-id" help:"Name or ARN of the secret with the API key, instead of the stack's." placeholder:"ID"`
	BaseURL       string `name:"base-url" help:"Base URL of HelpCrunch's API, instead of the stack's." placeholder:"URL"`
	Region        string `help:"AWS region, instead of AWS_REGION or the profile's." placeholder:"REGION"`
	Profile       string `help:"AWS profile, instead of AWS_PROFILE." placeholder:"NAME"`
	JSON          bool   `name:"json" help:"Write the result as JSON to the standard output, for machines."`
}

// filter are the flags that choose dead letters.
type filter struct {
	Outcome []string `help:"Only with one of these outcomes, such as chat_not_found; 'none' for letters that SQS moved by itself." placeholder:"OUTCOME"`
	Code    []string `help:"Only with one of these error codes of HelpCrunch's." placeholder:"CODE"`
	Chat    []int64  `help:"Only of these chats." placeholder:"ID"`
	After   moment   `help:"Only letters that died at this time or later: 2026-01-31T15:04:05Z, 2026-01-31 15:04 (UTC), 2026-01-31, or how long ago: 90m, 24h." placeholder:"TIME"`
	Before  moment   `help:"Only letters that died before this time." placeholder:"TIME"`
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

// command is one leaf of the grammar.
type command interface {
	run(context.Context, *app, *globals) error
}

// parse reads the command line. Without a command and without an error, help was shown.
func parse(args []string, out, errOut io.Writer) (command, *globals, error) {
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
	if err != nil && slices.Contains(args, "key") {
		// kong repeats what it does not understand, and that may be the key.
		return nil, nil, &usageError{"ops key set takes flags only (see -h). The key is never an argument, because the shell remembers it: give it at the prompt or to the standard input"}
	}
	if err != nil {
		return nil, nil, &usageError{err.Error()}
	}
	chosen, ok := parsed.Selected().Target.Addr().Interface().(command)
	if !ok {
		return nil, nil, &usageError{"name a command; -h shows them"}
	}
	return chosen, &g.globals, nil
}
