package doctor

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"helpcrunch-mark-read/ops/internal/stack"
)

func checkSubscription(ctx context.Context, d *Doctor, _ *seen) Finding {
	topic, err := d.Stack.Output(stack.AlarmTopicARN)
	if err != nil {
		return problem(err.Error(), "deploy the stack again")
	}
	confirmed, pending := 0, 0
	pages := sns.NewListSubscriptionsByTopicPaginator(d.SNS, &sns.ListSubscriptionsByTopicInput{TopicArn: aws.String(topic)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return unknown(err)
		}
		for _, s := range page.Subscriptions {
			if strings.HasPrefix(aws.ToString(s.SubscriptionArn), "arn:") {
				confirmed++
			} else {
				pending++ // SNS writes PendingConfirmation in the place of an ARN
			}
		}
	}
	switch {
	case confirmed > 0:
		return ok("%d receive alarms", confirmed)
	case pending > 0:
		return problem("nobody receives the alarms: the subscription is not confirmed", "open the e-mail that AWS sent and confirm it")
	}
	return problem("nobody receives the alarms", "set AlarmEmail, or subscribe somebody to "+topic)
}

func checkAlarms(ctx context.Context, d *Doctor, _ *seen) Finding {
	var ringing []string
	total := 0
	pages := cloudwatch.NewDescribeAlarmsPaginator(d.CloudWatch, &cloudwatch.DescribeAlarmsInput{
		AlarmNamePrefix: aws.String(d.Stack.Name + "-"), AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return unknown(err)
		}
		for _, alarm := range page.MetricAlarms {
			name, mine := logicalID(aws.ToString(alarm.AlarmName), d.Stack.Name)
			if !mine {
				continue
			}
			total++
			if alarm.StateValue == types.StateValueAlarm {
				ringing = append(ringing, name)
			}
		}
	}
	slices.Sort(ringing)
	switch {
	case total == 0:
		return problem("the stack has no alarms", "deploy the stack again")
	case len(ringing) > 0:
		return warning("in alarm: "+strings.Join(ringing, ", "), "see docs/operations.md")
	}
	return ok("%s", fmt.Sprintf("none of %d is in alarm", total))
}

// logicalID finds an alarm's name in the template: the alarm is called STACK-LOGICALID (STACK-LOGICALID-RANDOM before
// the alarms were in a nested stack). Another stack whose name begins the same has a part of its own name before that.
func logicalID(alarm, stackName string) (string, bool) {
	name, random, _ := strings.Cut(strings.TrimPrefix(alarm, stackName+"-"), "-")
	return name, strings.HasSuffix(name, "Alarm") && !strings.Contains(random, "-")
}
