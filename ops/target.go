package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/ops/internal/stack"
	"helpcrunch-mark-read/shared/helpcrunch"
)

// target is what a command works on: the flags, and what the stack has in the place of those that are not set.
type target struct {
	globals
	aws       aws.Config
	deployed  *stack.Stack // nil without --stack
	mappingID string       // of the stack's event source mapping
}

// need is something that a command can't do without.
type need struct {
	otherwise string // what to do where no stack is named, and no flag has it
	output    string // of the stack
	of        func(*target) *string
}

const nameStack = "name the stack with --stack, or give %s; OPS_STACK in the environment is as good as --stack"

// needs are what the grammar names.
var needs = map[string]need{
	"queue":        {fmt.Sprintf(nameStack, "--queue-url"), stack.MarksQueueURL, func(t *target) *string { return &t.QueueURL }},
	"dead-letters": {fmt.Sprintf(nameStack, "--dead-letter-queue-url"), stack.DeadLetterQueueURL, func(t *target) *string { return &t.DeadLetterURL }},
	"secret":       {fmt.Sprintf(nameStack, "--secret-id"), stack.HelpCrunchSecretID, func(t *target) *string { return &t.SecretID }},
	"tokens":       {fmt.Sprintf(nameStack, "--token-secret-id"), stack.CallerTokenSecretID, func(t *target) *string { return &t.TokenSecretID }},
	"api":          {"name the stack with --stack or OPS_STACK, or use --local", "", func(t *target) *string { return &t.Stack }},
	"mapping":      {"name the stack with --stack or OPS_STACK: only a deployed stack has an event source mapping to pause", stack.EventSourceMappingID, func(t *target) *string { return &t.mappingID }},
}

// target finds what the command works on. A need that neither a flag nor the stack meets is an error.
func (a *app) target(ctx context.Context, names []string) (*target, error) {
	t := &target{globals: *a.flags}
	t.BaseURL = strings.TrimRight(t.BaseURL, "/")
	for _, name := range names { // before AWS is asked
		if n := needs[name]; t.Stack == "" && *n.of(t) == "" && (!t.Local || name == "mapping") {
			return nil, usage("%s", n.otherwise)
		}
	}
	var err error
	if t.aws, err = a.loadAWS(ctx, a.flags, a.askCode); err != nil {
		return nil, err
	}
	if t.aws.Region == "" {
		return nil, usage("no AWS region is set: use --region or AWS_REGION")
	}
	switch {
	case t.Local:
		err = t.useLocal(ctx)
	case t.Stack != "":
		err = t.useStack(ctx, names)
	}
	if err != nil {
		return nil, err
	}
	switch {
	case t.QueueURL != "" && t.QueueURL == t.DeadLetterURL:
		return nil, usage("the queue and the dead-letter queue are the same")
	case slices.Contains(names, "tokens") && t.TokenSecretID == t.SecretID:
		return nil, usage("the secret with the callers' tokens is the one with HelpCrunch's key")
	}
	t.BaseURL = cmp.Or(t.BaseURL, helpcrunch.DefaultBaseURL)
	return t, nil
}

// useStack reads the stack and fills in what no flag names.
func (t *target) useStack(ctx context.Context, names []string) (err error) {
	if t.deployed, err = stack.Read(ctx, t.aws, t.Stack); err != nil {
		return err
	}
	for _, n := range needs {
		*n.of(t) = cmp.Or(*n.of(t), t.deployed.Outputs[n.output])
	}
	for _, name := range names {
		switch n := needs[name]; {
		case *n.of(t) != "":
		case name == "tokens":
			return undone("the stack %s has Authorization %s: it checks no tokens. Deploy it with Authorization=TOKEN first", t.deployed.Name, t.authorization())
		default:
			_, err := t.deployed.Output(n.output)
			return err
		}
	}
	t.BaseURL = cmp.Or(t.BaseURL, strings.TrimRight(t.deployed.Parameters[stack.HelpCrunchBaseURL], "/"))
	return nil
}

// useLocal fills in the local stack's names. Its queues are FIFO or standard, as it was started: SQS knows which exist.
func (t *target) useLocal(ctx context.Context) error {
	for name, url := range map[string]*string{localQueue: &t.QueueURL, localDead: &t.DeadLetterURL} {
		output, err := t.sqs().GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(name + ".fifo")})
		if _, missing := errors.AsType[*types.QueueDoesNotExist](err); missing {
			output, err = t.sqs().GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(name)})
		}
		if err != nil {
			return undone("no local stack answers at %s: start it with make run, or name its address with --endpoint-url", aws.ToString(t.aws.BaseEndpoint))
		}
		*url = aws.ToString(output.QueueUrl)
	}
	t.SecretID, t.TokenSecretID = cmp.Or(t.SecretID, localKeySecret), cmp.Or(t.TokenSecretID, localTokenSecret)
	t.BaseURL = cmp.Or(t.BaseURL, localBaseURL)
	return nil
}

// authorization is how callers of the HTTP API are let in: IAM, JWT or TOKEN.
func (t *target) authorization() string {
	if t.deployed == nil {
		return "TOKEN" // the local stack
	}
	return cmp.Or(t.deployed.Parameters[stack.Authorization], "IAM")
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
