// Package stack reads what a deployed stack says of itself.
package stack

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
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

// Read reads a stack.
func Read(ctx context.Context, config aws.Config, name string) (*Stack, error) {
	output, err := cloudformation.NewFromConfig(config).DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: aws.String(name)})
	if doesNotExist(err) || err == nil && len(output.Stacks) == 0 {
		return nil, fmt.Errorf("there is no stack %q in region %s: check --stack, --region and --profile", name, config.Region)
	}
	if err != nil {
		return nil, err
	}
	s := output.Stacks[0]
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
	return stack, nil
}

// doesNotExist distinguishes a missing stack from other faults. CloudFormation has one code for all that is wrong with a request,
// so the text must decide.
func doesNotExist(err error) bool {
	api, ok := errors.AsType[smithy.APIError](err)
	return ok && api.ErrorCode() == "ValidationError" && strings.Contains(api.ErrorMessage(), "does not exist")
}

// Alarm is an alarm of a stack, with its name in the template.
type Alarm struct {
	LogicalID string
	types.MetricAlarm
}

// Alarms lists a stack's alarms. They are called STACK-LOGICALID, and STACK-LOGICALID-RANDOM in a stack of version 0.1.0. Another
// stack whose name begins the same has a part of its own name before that.
func Alarms(ctx context.Context, config aws.Config, stackName string) ([]Alarm, error) {
	var alarms []Alarm
	prefix := stackName + "-"
	pages := cloudwatch.NewDescribeAlarmsPaginator(cloudwatch.NewFromConfig(config), &cloudwatch.DescribeAlarmsInput{
		AlarmNamePrefix: aws.String(prefix), AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, alarm := range page.MetricAlarms {
			id, random, _ := strings.Cut(strings.TrimPrefix(aws.ToString(alarm.AlarmName), prefix), "-")
			if strings.HasSuffix(id, "Alarm") && !strings.Contains(random, "-") {
				alarms = append(alarms, Alarm{id, alarm})
			}
		}
	}
	return alarms, nil
}

// Understands returns the optional fields of a mark that the stack's functions understand.
func (s *Stack) Understands() []string {
	return strings.FieldsFunc(s.Outputs[Understands], func(c rune) bool { return c == ',' || c == ' ' })
}

// RetryWindow is how old a mark may become before a failure dead-letters it: the stack's parameter, or its default.
func (s *Stack) RetryWindow() time.Duration {
	if s != nil {
		if window, err := time.ParseDuration(s.Parameters[RetryWindow]); err == nil {
			return window
		}
	}
	return 24 * time.Hour
}

// Parameter is a parameter that is a number; 0 where it is not known.
func (s *Stack) Parameter(name string) int {
	if s == nil {
		return 0
	}
	n, _ := strconv.Atoi(s.Parameters[name])
	return n
}

// Output returns an output that every stack has.
func (s *Stack) Output(name string) (string, error) {
	if value := s.Outputs[name]; value != "" {
		return value, nil
	}
	return "", fmt.Errorf("the stack %q has no output %s: it is no stack of helpcrunch-mark-read, or not deployed to the end", s.Name, name)
}
