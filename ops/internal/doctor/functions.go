package doctor

import (
	"context"
	"fmt"
	"maps"
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
	_, f := function(ctx, d, stack.HTTPFunctionName, map[string]string{"CALLER_TOKEN_SECRET_ID": d.Stack.Outputs[stack.CallerTokenSecretID]})
	return f
}

func checkQueueFunction(ctx context.Context, d *Doctor, s *seen) (f Finding) {
	s.queueFunction, f = function(ctx, d, stack.QueueFunctionName, map[string]string{
		"DEAD_LETTER_QUEUE_URL": d.Stack.Outputs[stack.DeadLetterQueueURL], "REQUESTS_PER_MINUTE": d.Stack.Parameters[stack.RequestsPerMinute],
	})
	return f
}

// function reads a function's configuration and compares its environment with what the stack says to it and to both functions.
// What the stack does not say is not compared. Flags that replace the stack's values are for the other checks.
func function(ctx context.Context, d *Doctor, output string, wanted map[string]string) (*lambda.GetFunctionConfigurationOutput, Finding) {
	name, err := d.Stack.Output(output)
	if err != nil {
		return nil, problem(err.Error(), "deploy the stack again")
	}
	config, err := lambda.NewFromConfig(d.AWS).GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: aws.String(name)})
	if err != nil {
		return nil, unknown(err)
	}
	if config.Environment == nil {
		config.Environment = &types.EnvironmentResponse{}
	}
	if config.State == types.StateFailed || config.LastUpdateStatus == types.LastUpdateStatusFailed {
		return config, problem(fmt.Sprintf("%s can't run: %s%s", name, aws.ToString(config.StateReason), aws.ToString(config.LastUpdateStatusReason)), "deploy the stack again")
	}
	wanted["MARKS_QUEUE_URL"], wanted["HELPCRUNCH_SECRET_ID"] = d.Stack.Outputs[stack.MarksQueueURL], d.Stack.Outputs[stack.HelpCrunchSecretID]
	wanted["HELPCRUNCH_BASE_URL"] = d.Stack.Parameters[stack.HelpCrunchBaseURL]
	for _, variable := range slices.Sorted(maps.Keys(wanted)) {
		if want := wanted[variable]; want != "" && !d.same(variable, config.Environment.Variables[variable], want) {
			return config, problem(name+" has another "+variable+" than the stack", "somebody changed the function by hand: deploy the stack again")
		}
	}
	return config, ok("%s is %s", name, config.State)
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
	case s.queueFunction != nil && strconv.Itoa(int(most)) != s.queueFunction.Environment.Variables["MAXIMUM_CONCURRENCY"]:
		return problem(fmt.Sprintf("its maximum concurrency is %d, but the function shares the limit among %q environments", most, s.queueFunction.Environment.Variables["MAXIMUM_CONCURRENCY"]), deploy)
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

// same compares two values of a function's variable by their meaning.
func (d *Doctor) same(variable, have, want string) bool {
	switch {
	case strings.HasSuffix(variable, "_SECRET_ID"):
		return secret.Same(have, want, d.AWS.Region)
	case strings.HasSuffix(variable, "_URL"):
		return normalized(have) == normalized(want)
	}
	a, _ := strconv.Atoi(have)
	b, _ := strconv.Atoi(want)
	return a == b
}

// normalized is a URL as all that mean the same are spelled.
func normalized(s string) string {
	s = strings.TrimRight(s, "/")
	u, err := url.Parse(s)
	if err != nil {
		return s
	}
	u.Scheme, u.Host = strings.ToLower(u.Scheme), strings.ToLower(u.Host)
	u.Host = strings.TrimSuffix(u.Host, map[string]string{"https": ":443", "http": ":80"}[u.Scheme])
	return u.String()
}
