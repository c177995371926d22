package main

import (
	"cmp"
	"context"
	"errors"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/ops/internal/stack"
	"helpcrunch-mark-read/shared/helpcrunch"
)

// target is what a command works on: what the flags name, and otherwise the stack.
type target struct {
	aws           aws.Config
	stack         *stack.Stack // nil without --stack
	queueURL      string
	deadLetterURL string
	secretID      string
	tokenSecretID string
	baseURL       string // without a slash at its end
	perMinute     int    // the queue's rate budget, calls a minute; 0 when it is not known
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
	needTokens      = need{"--token-secret-id", stack.CallerTokenSecretID, func(t *target) *string { return &t.tokenSecretID }}
)

// target finds what the command works on. A need that neither a flag nor the stack meets is an error that names the flag.
func (a *app) target(ctx context.Context, g *globals, needs ...need) (*target, error) {
	t := &target{
		queueURL: g.QueueURL, deadLetterURL: g.DeadLetterURL, secretID: g.SecretID, tokenSecretID: g.TokenSecretID,
		baseURL: strings.TrimRight(g.BaseURL, "/"),
	}
	var err error
	if !g.Local {
		if err = t.missing(g, needs); err != nil {
			return nil, err
		}
	}
	if t.aws, err = a.loadAWS(ctx, g, a.askCode(ctx)); err != nil {
		return nil, err
	}
	if t.aws.Region == "" {
		return nil, usage("no AWS region is set: use --region or AWS_REGION")
	}
	switch {
	case g.Local:
		err = t.useLocal(ctx)
	case g.Stack != "":
		err = t.useStack(ctx, g.Stack, needs)
	}
	if err != nil {
		return nil, err
	}
	if t.queueURL != "" && t.queueURL == t.deadLetterURL {
		return nil, usage("the queue and the dead-letter queue are the same")
	}
	t.baseURL = cmp.Or(t.baseURL, helpcrunch.DefaultBaseURL)
	return t, nil
}

// missing reports what the flags lack before AWS is asked.
func (t *target) missing(g *globals, needs []need) error {
	for _, n := range needs {
		if g.Stack == "" && *n.of(t) == "" {
			return usage("name the stack with --stack, or give %s; OPS_STACK in the environment is as good as --stack", n.flag)
		}
	}
	return nil
}

// useStack reads the stack and fills in what no flag names.
func (t *target) useStack(ctx context.Context, name string, needs []need) (err error) {
	if t.stack, err = stack.Read(ctx, cloudformation.NewFromConfig(t.aws), name, t.aws.Region); err != nil {
		return err
	}
	for _, n := range []need{needQueue, needDeadLetters, needSecret, needTokens} {
		*n.of(t) = cmp.Or(*n.of(t), t.stack.Outputs[n.output])
	}
	for _, n := range needs {
		if *n.of(t) == "" {
			_, err := t.stack.Output(n.output)
			return err
		}
	}
	t.perMinute, _ = strconv.Atoi(t.stack.Parameters[stack.RequestsPerMinute])
	t.baseURL = cmp.Or(t.baseURL, strings.TrimRight(t.stack.Parameters[stack.HelpCrunchBaseURL], "/"))
	return nil
}

// useLocal fills in the local stack's names. Its queues are FIFO or standard, as it was started: SQS knows which exist.
func (t *target) useLocal(ctx context.Context) (err error) {
	if t.queueURL, err = t.localQueueURL(ctx, localQueue); err != nil {
		return err
	}
	if t.deadLetterURL, err = t.localQueueURL(ctx, localDead); err != nil {
		return err
	}
	t.secretID, t.tokenSecretID = cmp.Or(t.secretID, localKeySecret), cmp.Or(t.tokenSecretID, localTokenSecret)
	t.baseURL = cmp.Or(t.baseURL, localBaseURL)
	return nil
}

func (t *target) localQueueURL(ctx context.Context, name string) (string, error) {
	output, err := t.sqs().GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(name + ".fifo")})
	var missing *types.QueueDoesNotExist
	if errors.As(err, &missing) {
		output, err = t.sqs().GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(name)})
	}
	if err != nil {
		return "", undone("no local stack answers at %s: start it with make run, or name its address with --endpoint-url", aws.ToString(t.aws.BaseEndpoint))
	}
	return aws.ToString(output.QueueUrl), nil
}

func (t *target) sqs() *sqs.Client { return sqs.NewFromConfig(t.aws) }

// secrets is a client for a secret: an ARN names the region to ask.
func (t *target) secrets(secretID string) *secretsmanager.Client {
	return secretsmanager.NewFromConfig(t.aws, func(o *secretsmanager.Options) {
		if parsed, err := arn.Parse(secretID); err == nil && parsed.Region != "" {
			o.Region = parsed.Region
		}
	})
}

// queueName is the last part of a queue's URL.
func queueName(url string) string { return url[strings.LastIndexByte(url, '/')+1:] }
