package pause

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/aws/smithy-go"

	"helpcrunch-mark-read/ops/internal/stack"
)

const retryFor = 15 * time.Minute // how long the scheduler repeats a resume that failed: shortly, so that no old one ends a later pause

func (s *Switch) scheduler() *scheduler.Client { return scheduler.NewFromConfig(s.AWS) }

// scheduleName is in the operator's policy too. A stack's name can be longer than a schedule's may be.
func (s *Switch) scheduleName() string { return "resume-" + *s.mappingID() }

// schedule has EventBridge Scheduler enable the mapping once at a time, and remove the schedule then. Without a time it
// removes the schedule of an earlier pause.
func (s *Switch) schedule(ctx context.Context, until time.Time) error {
	if until.IsZero() {
		return s.unschedule(ctx)
	}
	role := s.Stack.Outputs[stack.ResumeRoleARN]
	if role == "" {
		return errors.New("this stack can't resume by itself: it was deployed by an older version. Deploy it again, or leave --for out and run ops resume in time")
	}
	at := aws.String("at(" + until.UTC().Format("2006-01-02T15:04:05") + ")")
	input := scheduler.CreateScheduleInput{
		Name: aws.String(s.scheduleName()), Description: aws.String("Ends the pause of " + s.Stack.Name + ", set by ops pause"),
		FlexibleTimeWindow: &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeOff}, ScheduleExpression: at, Target: s.target(role),
		ScheduleExpressionTimezone: aws.String("UTC"), ActionAfterCompletion: types.ActionAfterCompletionDelete,
	}
	_, err := s.scheduler().CreateSchedule(ctx, &input)
	if _, there := errors.AsType[*types.ConflictException](err); there {
		update := scheduler.UpdateScheduleInput(input)
		_, err = s.scheduler().UpdateSchedule(ctx, &update)
	}
	return err
}

// target is the scheduler's universal target, which calls the API of any service. Its input spells names as the SDK for Java
// does: Uuid, where the API has UUID.
func (s *Switch) target(role string) *types.Target {
	partition, _, _ := strings.Cut(strings.TrimPrefix(role, "arn:"), ":")
	return &types.Target{
		Arn:     aws.String("arn:" + partition + ":scheduler:::aws-sdk:lambda:updateEventSourceMapping"),
		RoleArn: aws.String(role),
		Input:   aws.String(fmt.Sprintf(`{"Uuid":%q,"Enabled":true}`, *s.mappingID())),
		RetryPolicy: &types.RetryPolicy{
			MaximumEventAgeInSeconds: aws.Int32(int32(retryFor.Seconds())), MaximumRetryAttempts: aws.Int32(10),
		},
	}
}

// unschedule removes the schedule; it is no error if there is none.
func (s *Switch) unschedule(ctx context.Context) error {
	_, err := s.scheduler().DeleteSchedule(ctx, &scheduler.DeleteScheduleInput{Name: aws.String(s.scheduleName())})
	return unlessMissing(err)
}

// unlessMissing drops the error of Scheduler or CloudWatch that there is no such thing.
func unlessMissing(err error) error {
	if api, ok := errors.AsType[smithy.APIError](err); ok && api.ErrorCode() == "ResourceNotFoundException" {
		return nil
	}
	return err
}

// Scheduled reports whether AWS is going to resume by itself.
func (s *Switch) Scheduled(ctx context.Context) (bool, error) {
	_, err := s.scheduler().GetSchedule(ctx, &scheduler.GetScheduleInput{Name: aws.String(s.scheduleName())})
	return err == nil, unlessMissing(err)
}
