package doctor

import (
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"

	"helpcrunch-mark-read/ops/internal/stack"
	"helpcrunch-mark-read/shared/secret"
)

func checkStack(_ context.Context, d *Doctor, _ *seen) Finding {
	switch d.Stack.Status {
	case "CREATE_COMPLETE", "UPDATE_COMPLETE", "IMPORT_COMPLETE", "UPDATE_COMPLETE_CLEANUP_IN_PROGRESS":
		return ok("%s is %s", d.Stack.Name, d.Stack.Status)
	case "UPDATE_ROLLBACK_COMPLETE":
		return warning(d.Stack.Name+" is "+d.Stack.Status+": the last deployment failed, and the one before it is running", "look at the stack's events, then deploy again")
	}
	return problem(d.Stack.Name+" is "+d.Stack.Status, "look at the stack's events")
}

func checkHTTPFunction(ctx context.Context, d *Doctor, _ *seen) Finding {
	_, f := function(ctx, d, stack.HTTPFunctionName, append(d.both(),
		expectation{"CALLER_TOKEN_SECRET_ID", d.Stack.Outputs[stack.CallerTokenSecretID], d.sameSecret}))
	return f
}

func checkQueueFunction(ctx context.Context, d *Doctor, s *seen) (f Finding) {
	s.queueFunction, f = function(ctx, d, stack.QueueFunctionName, append(d.both(),
		expectation{"DEAD_LETTER_QUEUE_URL", d.Stack.Outputs[stack.DeadLetterQueueURL], sameURL},
		expectation{"REQUESTS_PER_MINUTE", d.Stack.Parameters[stack.RequestsPerMinute], sameNumber}))
	return f
}

// both is what the stack says to both functions. Flags that replace the stack's values are for the other checks.
func (d *Doctor) both() []expectation {
	return []expectation{
		{"MARKS_QUEUE_URL", d.Stack.Outputs[stack.MarksQueueURL], sameURL},
		{"HELPCRUNCH_SECRET_ID", d.Stack.Outputs[stack.HelpCrunchSecretID], d.sameSecret},
		{"HELPCRUNCH_BASE_URL", d.Stack.Parameters[stack.HelpCrunchBaseURL], sameURL},
	}
}

// function reads a function's configuration and compares its environment with what the stack says.
func function(ctx context.Context, d *Doctor, output string, expected []expectation) (*lambda.GetFunctionConfigurationOutput, Finding) {
	name, err := d.Stack.Output(output)
	if err != nil {
		return nil, problem(err.Error(), "deploy the stack again")
	}
	config, err := lambda.NewFromConfig(d.AWS).GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: aws.String(name)})
	if err != nil {
		return nil, unknown(err)
	}
	if config.State == types.StateFailed || config.LastUpdateStatus == types.LastUpdateStatusFailed {
		return config, problem(fmt.Sprintf("%s can't run: %s%s", name, aws.ToString(config.StateReason), aws.ToString(config.LastUpdateStatusReason)), "deploy the stack again")
	}
	if wrong := different(environment(config), expected); wrong != "" {
		return config, problem(name+" has another "+wrong+" than the stack", "somebody changed the function by hand: deploy the stack again")
	}
	return config, ok("%s is %s", name, config.State)
}

func environment(config *lambda.GetFunctionConfigurationOutput) map[string]string {
	if config.Environment == nil {
		return nil
	}
	return config.Environment.Variables
}

func checkMapping(ctx context.Context, d *Doctor, s *seen) Finding {
	id, err := d.Stack.Output(stack.EventSourceMappingID)
	if err != nil {
		return problem(err.Error(), "deploy the stack again")
	}
	mapping, err := lambda.NewFromConfig(d.AWS).GetEventSourceMapping(ctx, &lambda.GetEventSourceMappingInput{UUID: aws.String(id)})
	if err != nil {
		return unknown(err)
	}
	return judgeMapping(mapping, s)
}

func judgeMapping(m *lambda.GetEventSourceMappingOutput, s *seen) Finding {
	const deploy = "deploy the stack again; its template sets this"
	state := aws.ToString(m.State)
	most := int32(0)
	if m.ScalingConfig != nil {
		most = aws.ToInt32(m.ScalingConfig.MaximumConcurrency)
	}
	switch {
	case state != "Enabled" && state != "Updating" && !s.stopped:
		return problem("it is "+state+": nothing leaves the queue", "ops resume")
	case s.queue != nil && aws.ToString(m.EventSourceArn) != s.queue["QueueArn"]:
		return problem("it reads another queue: "+aws.ToString(m.EventSourceArn), deploy)
	case s.queueFunction != nil && aws.ToString(m.FunctionArn) != aws.ToString(s.queueFunction.FunctionArn):
		return problem("it calls another function: "+aws.ToString(m.FunctionArn), deploy)
	case !slices.Contains(m.FunctionResponseTypes, types.FunctionResponseTypeReportBatchItemFailures):
		return problem("it does not report failures one by one (ReportBatchItemFailures): held marks would be deleted", deploy)
	case s.queueFunction != nil && strconv.Itoa(int(most)) != environment(s.queueFunction)["MAXIMUM_CONCURRENCY"]:
		return problem(fmt.Sprintf("its maximum concurrency is %d, but the function shares the limit among %q environments", most, environment(s.queueFunction)["MAXIMUM_CONCURRENCY"]), deploy)
	case s.queue != nil && s.queueFunction != nil && !outlives(s.queue["VisibilityTimeout"], s.queueFunction.Timeout):
		return problem("the queue's visibility timeout is shorter than the function's timeout: marks would be made twice", deploy)
	}
	return ok("it is %s, with at most %d environments", state, most)
}

// outlives says whether a message stays out of sight for as long as the function may run.
func outlives(visibility string, timeout *int32) bool {
	seconds, err := strconv.Atoi(visibility)
	return err != nil || seconds >= int(aws.ToInt32(timeout))
}

// expectation is what a function's variable should say.
type expectation struct {
	variable, want string
	same           func(have, want string) bool
}

// different names the first variable that does not mean what it should. What the stack does not say is not compared.
func different(have map[string]string, expected []expectation) string {
	for _, e := range expected {
		if e.want != "" && !e.same(have[e.variable], e.want) {
			return e.variable
		}
	}
	return ""
}

// sameSecret compares names and ARNs of secrets by meaning.
func (d *Doctor) sameSecret(have, want string) bool { return secret.Same(have, want, d.AWS.Region) }

// sameURL compares URLs by meaning.
func sameURL(have, want string) bool { return normalized(have) == normalized(want) }

func normalized(s string) string {
	s = strings.TrimRight(s, "/")
	u, err := url.Parse(s)
	if err != nil {
		return s
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	switch {
	case u.Scheme == "https":
		u.Host = strings.TrimSuffix(u.Host, ":443")
	case u.Scheme == "http":
		u.Host = strings.TrimSuffix(u.Host, ":80")
	}
	return u.String()
}

func sameNumber(have, want string) bool { return number(have) == number(want) }
