package main

import (
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"helpcrunch-mark-read/ops/internal/stack"
	"helpcrunch-mark-read/shared/helpcrunch"
)

// target is what a command works on: what the flags say, and else the stack.
type target struct {
	aws           aws.Config
	stack         *stack.Stack // nil without --stack
	queueURL      string
	deadLetterURL string
	secretID      string
	baseURL       string // without a slash at its end
	perMinute     int    // the queue's share; 0 when nobody says
}

// need is something that a command can't do without.
type need struct {
	flag, output string
	of           func(*target) *string
}

var (
	needQueue       = need{"--queue-url", stack.MarksQueueURL, func(t *target) *string { return &t.queueURL }}
	needDeadLetters = need{"--dead-letter-queue-url", stack.DeadLetterQueueURL, func(t *target) *string { return &t.deadLetterURL }}
	needSecret      = need{"--secret-id", stack.HelpCrunchSecretID, func(t *target) *string { return &t.secretID }}
)

// target finds what the command works on. What it needs and nobody says is an error that names the flag.
func (a *app) target(ctx context.Context, g *globals, needs ...need) (*target, error) {
	t := &target{
		queueURL: g.QueueURL, deadLetterURL: g.DeadLetterURL, secretID: g.SecretID, baseURL: strings.TrimRight(g.BaseURL, "/"),
	}
	if err := t.missing(g, needs); err != nil {
		return nil, err
	}
	if err := a.connect(ctx, g, t); err != nil {
		return nil, err
	}
	for _, n := range []need{needQueue, needDeadLetters, needSecret} {
		if p := n.of(t); *p == "" && t.stack != nil {
			*p = t.stack.Outputs[n.output]
		}
	}
	for _, n := range needs {
		if *n.of(t) == "" {
			_, err := t.stack.Output(n.output)
			return nil, err
		}
	}
	if t.queueURL != "" && t.queueURL == t.deadLetterURL {
		return nil, &usageError{"the queue and the dead-letter queue are the same"}
	}
	t.settle()
	return t, nil
}

// missing says before AWS is asked what the flags lack.
func (t *target) missing(g *globals, needs []need) error {
	for _, n := range needs {
		if g.Stack == "" && *n.of(t) == "" {
			return &usageError{"name the stack with --stack, or give " + n.flag}
		}
	}
	return nil
}

// connect loads the AWS configuration and, with --stack, reads the stack.
func (a *app) connect(ctx context.Context, g *globals, t *target) error {
	cfg, err := a.loadAWS(ctx, g.Region, g.Profile)
	var profile config.SharedConfigProfileNotExistError
	if errors.As(err, &profile) {
		return &usageError{"there is no AWS profile " + strconv.Quote(profile.Profile) + ": check --profile and AWS_PROFILE"}
	}
	if err != nil {
		return err
	}
	if cfg.Region == "" {
		return &usageError{"no AWS region is set: use --region or AWS_REGION"}
	}
	t.aws = cfg
	if g.Stack != "" {
		t.stack, err = stack.Read(ctx, cloudformation.NewFromConfig(cfg), g.Stack, cfg.Region)
	}
	return err
}

// settle fills in what has a default.
func (t *target) settle() {
	if t.stack != nil {
		t.perMinute, _ = strconv.Atoi(t.stack.Parameters[stack.RequestsPerMinute])
		if t.baseURL == "" {
			t.baseURL = strings.TrimRight(t.stack.Parameters[stack.HelpCrunchBaseURL], "/")
		}
	}
	if t.baseURL == "" {
		t.baseURL = helpcrunch.DefaultBaseURL
	}
}

func (t *target) sqs() *sqs.Client { return sqs.NewFromConfig(t.aws) }

// queueName is the last part of a queue's URL.
func queueName(url string) string { return url[strings.LastIndexByte(url, '/')+1:] }
