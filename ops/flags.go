package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// command is one leaf of the command line.
type command interface {
	run(context.Context, *app, *globals) error
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

// settle makes --local exclude the other ways to name a stack, where they are flags; the environment yields to it, so
// that a printed command with --local means the local stack in every shell.
func (g *globals) settle(isFlag func(name string) bool) error {
	if !g.Local {
		return nil
	}
	for _, name := range []string{"stack", "queue-url", "dead-letter-queue-url"} {
		if isFlag(name) {
			return fmt.Errorf("--local and --%s can't be used together", name)
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
