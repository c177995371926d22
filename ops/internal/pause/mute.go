package pause

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// muted are the alarms that a pause itself would set off: marks grow old, and none is made.
var muted = []string{"OldestMarkAlarm", "HeldMarkAlarm", "SilenceAlarm"}

// LongestMute is how long a mute rule can last.
const LongestMute = 15 * 24 * time.Hour

// ruleName is in the operator's policy too.
func (s *Switch) ruleName() string { return s.StackName + "-pause" }

// mute silences the alarms about age until a time. The rule ends by itself. It begins with the next full minute: its
// expression knows minutes only, and whether a rule that begins in the past would still begin is not documented. The alarms
// look at more than a minute, so none goes off before that because of the pause.
func (s *Switch) mute(ctx context.Context, until time.Time, reason string) error {
	names, err := s.mutedAlarms(ctx)
	if err != nil || len(names) == 0 {
		return err
	}
	start := time.Now().UTC().Truncate(time.Minute).Add(time.Minute)
	minutes := max(1, int(min(until.Sub(start), LongestMute).Minutes()))
	_, err = s.Alarms.PutAlarmMuteRule(ctx, &cloudwatch.PutAlarmMuteRuleInput{
		Name:        aws.String(s.ruleName()),
		Description: aws.String(strings.TrimSuffix("Set by ops pause: "+reason, ": ")),
		MuteTargets: &types.MuteTargets{AlarmNames: names},
		Rule: &types.Rule{Schedule: &types.Schedule{
			Expression: aws.String("at(" + start.Format("2006-01-02T15:04") + ")"), Duration: aws.String(fmt.Sprintf("PT%dM", minutes)), Timezone: aws.String("UTC"),
		}},
	})
	return err
}

func (s *Switch) unmute(ctx context.Context) error {
	_, err := s.Alarms.DeleteAlarmMuteRule(ctx, &cloudwatch.DeleteAlarmMuteRuleInput{AlarmMuteRuleName: aws.String(s.ruleName())})
	var missing *types.ResourceNotFoundException
	if errors.As(err, &missing) {
		return nil
	}
	return err
}

// mutedAlarms finds the alarms' names: STACK-NAME, and STACK-NAME-RANDOM in a stack of version 0.1.0.
func (s *Switch) mutedAlarms(ctx context.Context) ([]string, error) {
	var names []string
	pages := cloudwatch.NewDescribeAlarmsPaginator(s.Alarms, &cloudwatch.DescribeAlarmsInput{
		AlarmNamePrefix: aws.String(s.StackName + "-"), AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, alarm := range page.MetricAlarms {
			name, random, _ := strings.Cut(strings.TrimPrefix(aws.ToString(alarm.AlarmName), s.StackName+"-"), "-")
			if slices.Contains(muted, name) && !strings.Contains(random, "-") {
				names = append(names, aws.ToString(alarm.AlarmName))
			}
		}
	}
	return names, nil
}
