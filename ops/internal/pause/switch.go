package pause

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"

	"helpcrunch-mark-read/ops/internal/stack"
)

// Switch stops and starts the work of one stack's queue.
type Switch struct {
	AWS   aws.Config
	Stack *stack.Stack // with an event source mapping
}

func (s *Switch) lambda() *lambda.Client { return lambda.NewFromConfig(s.AWS) }

func (s *Switch) mappingID() *string { return aws.String(s.Stack.Outputs[stack.EventSourceMappingID]) }

const (
	lookEvery = 2 * time.Second
	within    = 2 * time.Minute // how long Lambda may take to disable or enable a mapping; it is usually less than a minute
)

// Pause stops the work on the queue until a time (zero: until Resume), and returns when Lambda starts no batch any more.
// A pause that is there already goes on, with the new end and reason. mutedUntil is how long the alarms about age are muted.
//
// The order leaves nothing silent if the command dies in the midst: first what resumes, then the record, then the pause,
// and the alarms last. With an error and a state the queue is paused, and the alarms are not muted. With an error alone the queue
// goes on, unless Lambda had begun already: then it will be paused, with its end and its record, and the alarms are not muted.
func (s *Switch) Pause(ctx context.Context, until time.Time, reason string, mutedUntil time.Time) (*State, error) {
	state, err := s.Read(ctx)
	if err != nil {
		return nil, err
	}
	next := *state
	next.Until, next.Reason = until.UTC().Truncate(time.Second), reason
	if state.Kind != Paused && state.Kind != Overdue {
		next.Since = time.Now().UTC().Truncate(time.Second)
	}
	if err := s.schedule(ctx, next.Until); err != nil {
		return nil, err
	}
	if _, err := s.lambda().TagResource(ctx, &lambda.TagResourceInput{Resource: aws.String(state.arn), Tags: next.record()}); err != nil {
		return nil, errors.Join(err, s.withdraw(ctx, state))
	}
	if begun, err := s.set(ctx, false); err != nil {
		if begun {
			return nil, err // it will be paused: what ends the pause, and its record, must stay
		}
		return nil, errors.Join(err, s.withdraw(ctx, state))
	}
	next.Mapping = "Disabled"
	return &next, s.mute(ctx, mutedUntil, reason)
}

// withdraw takes back what was prepared for a pause that could not be made. One that was there before keeps its record.
func (s *Switch) withdraw(ctx context.Context, before *State) error {
	if before.Stopped() {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer cancel()
	return errors.Join(s.unschedule(ctx), s.forget(ctx, before.arn))
}

// Resume undoes a pause, also half of one, and one that somebody else made by disabling the mapping. It returns the state
// before, when Lambda has enabled the mapping, and everything that could not be undone. The alarms come first: whatever fails
// after that is not silent.
func (s *Switch) Resume(ctx context.Context) (*State, []error) {
	state, err := s.Read(ctx)
	if err != nil {
		return nil, []error{err}
	}
	unmuted := s.unmute(ctx)
	_, err = s.set(ctx, true)
	errs := []error{unmuted, err}
	if err == nil { // otherwise the pause goes on, and its record and its end with it
		errs = append(errs, s.unschedule(ctx), s.forget(ctx, state.arn))
	}
	return state, slices.DeleteFunc(errs, func(err error) bool { return err == nil })
}

// set enables or disables the mapping and waits until it is. While Lambda is changing it, it refuses another change. begun
// reports whether Lambda does it, or may do it, whatever err says.
func (s *Switch) set(ctx context.Context, enabled bool) (begun bool, err error) {
	wanted := map[bool]string{true: "Enabled", false: "Disabled"}[enabled]
	for end := time.Now().Add(within); ; {
		mapping, err := s.lambda().GetEventSourceMapping(ctx, &lambda.GetEventSourceMappingInput{UUID: s.mappingID()})
		if err != nil {
			return begun, err
		}
		state := aws.ToString(mapping.State)
		if state == wanted {
			return true, nil
		}
		if !begun {
			if begun, err = s.ask(ctx, enabled); err != nil {
				return begun, err
			}
		}
		if time.Now().After(end) {
			return begun, fmt.Errorf("after %s the event source mapping is still %s, not %s; run the command again", within, state, wanted)
		}
		select {
		case <-ctx.Done():
			return begun, ctx.Err()
		case <-time.After(lookEvery):
		}
	}
}

// ask asks Lambda for the change. A request whose answer is lost may have begun it, and it is no error if Lambda is busy.
func (s *Switch) ask(ctx context.Context, enabled bool) (begun bool, err error) {
	_, err = s.lambda().UpdateEventSourceMapping(ctx, &lambda.UpdateEventSourceMappingInput{UUID: s.mappingID(), Enabled: aws.Bool(enabled)})
	if _, busy := errors.AsType[*types.ResourceInUseException](err); busy {
		return false, nil
	}
	_, refused := errors.AsType[smithy.APIError](err)
	return !refused, err
}

func (s *Switch) forget(ctx context.Context, arn string) error {
	_, err := s.lambda().UntagResource(ctx, &lambda.UntagResourceInput{Resource: aws.String(arn), TagKeys: []string{tagSince, tagUntil, tagReason}})
	return err
}
