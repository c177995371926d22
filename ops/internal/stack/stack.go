// Package stack reads what a deployed stack says of itself.
package stack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"
)

// The outputs of template.yaml that the command uses.
const (
	MarksQueueURL        = "MarksQueueUrl"
	DeadLetterQueueURL   = "DeadLetterQueueUrl"
	HelpCrunchSecretID   = "HelpCrunchSecretId"
	CallerTokenSecretID  = "CallerTokenSecretId"
	AlarmTopicARN        = "AlarmTopicArn"
	HTTPFunctionName     = "HttpFunctionName"
	QueueFunctionName    = "QueueFunctionName"
	QueueLogGroup        = "QueueFunctionLogGroup"
	EventSourceMappingID = "EventSourceMappingId"
	ResumeRoleARN        = "ResumeRoleArn"
	Understands          = "Understands" // the optional fields of a mark, with commas between; older stacks have none
	HTTPAPIURL           = "HttpApiUrl"
	CallerPolicyARN      = "CallerPolicyArn"
)

// The parameters of template.yaml that the command uses.
const (
	HelpCrunchBaseURL  = "HelpCrunchBaseUrl"
	RequestsPerMinute  = "RequestsPerMinute"
	OldestMarkSeconds  = "OldestMarkSeconds"
	RetryWindow        = "RetryWindow"
	Authorization      = "Authorization"
	BatchSize          = "BatchSize"
	MaximumConcurrency = "MaximumConcurrency"
)

// Stack is a deployed stack.
type Stack struct {
	Name       string
	Status     string
	Outputs    map[string]string
	Parameters map[string]string
}

// CloudFormation is the part of CloudFormation's API that is used; *cloudformation.Client has it.
type CloudFormation interface {
	DescribeStacks(context.Context, *cloudformation.DescribeStacksInput, ...func(*cloudformation.Options)) (*cloudformation.DescribeStacksOutput, error)
}

// NotFoundError says that there is no stack of that name where it was looked for.
type NotFoundError struct{ Name, Region string }

func (e *NotFoundError) Error() string {
	return fmt.Sprintf("there is no stack %q in region %s: check --stack, --region and --profile", e.Name, e.Region)
}

// OutputError says that a stack has no such output.
type OutputError struct{ Stack, Output string }

func (e *OutputError) Error() string {
	return fmt.Sprintf("the stack %q has no output %s: it is no stack of helpcrunch-mark-read, or not deployed to the end", e.Stack, e.Output)
}

// Read reads a stack. Its error is a *NotFoundError or CloudFormation's.
func Read(ctx context.Context, api CloudFormation, name, region string) (*Stack, error) {
	output, err := api.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: aws.String(name)})
	if doesNotExist(err) || err == nil && len(output.Stacks) == 0 {
		return nil, &NotFoundError{name, region}
	}
	if err != nil {
		return nil, err
	}
	return read(output.Stacks[0]), nil
}

// doesNotExist distinguishes a missing stack from other faults. CloudFormation has one code for all that is wrong with a request,
// so the text must decide.
func doesNotExist(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == "ValidationError" && strings.Contains(api.ErrorMessage(), "does not exist")
}

func read(s types.Stack) *Stack {
	stack := &Stack{
		Name: aws.ToString(s.StackName), Status: string(s.StackStatus),
		Outputs: map[string]string{}, Parameters: map[string]string{},
	}
	for _, o := range s.Outputs {
		stack.Outputs[aws.ToString(o.OutputKey)] = aws.ToString(o.OutputValue)
	}
	for _, p := range s.Parameters {
		stack.Parameters[aws.ToString(p.ParameterKey)] = aws.ToString(p.ParameterValue)
	}
	return stack
}

// Understands returns the optional fields of a mark that the stack's functions understand.
func (s *Stack) Understands() []string { return strings.Split(s.Outputs[Understands], ",") }

// RetryWindow is how old a mark may become before a failure dead-letters it: the stack's parameter, or its default.
func (s *Stack) RetryWindow() time.Duration {
	if s != nil {
		if window, err := time.ParseDuration(s.Parameters[RetryWindow]); err == nil {
			return window
		}
	}
	return 24 * time.Hour
}

// Output returns an output; its error is an *OutputError.
func (s *Stack) Output(name string) (string, error) {
	if value := s.Outputs[name]; value != "" {
		return value, nil
	}
	return "", &OutputError{s.Name, name}
}
