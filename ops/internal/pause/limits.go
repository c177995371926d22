package pause

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"helpcrunch-mark-read/ops/internal/bulk"
	"helpcrunch-mark-read/ops/internal/stack"
)

const (
	retention = 14 * 24 * time.Hour // after how long SQS deletes what nobody has taken, without a trace
	// shortest and longest are what a pause with an end may last. SQS's clock for a mark began when it was sent.
	shortest, longest = time.Minute, retention - 24*time.Hour
	longestMute       = 15 * 24 * time.Hour // CloudWatch's limit
)

// Plan is a pause before it is made.
type Plan struct {
	For    time.Duration // 0: without an end
	Oldest time.Duration // how long the oldest mark has waited already
	Drain  time.Duration // how long the marks that wait take after the pause
	Window time.Duration // RETRY_WINDOW
}

// Check refuses a pause by which SQS would delete marks.
func (p Plan) Check() error {
	switch {
	case p.For == 0:
		return nil
	case p.For < shortest || p.For > longest:
		return fmt.Errorf("a pause lasts from %s to %s (13 days): SQS deletes marks that are older than 14 days", short(shortest), short(longest))
	case p.For+max(p.Oldest, p.Drain) >= retention:
		return fmt.Errorf("the oldest mark has waited for %s already: in a pause of %s SQS would delete marks, as they would be older than 14 days", short(p.Oldest), short(p.For))
	}
	return nil
}

// MutedFor is how long the alarms about age are silent. A pause without an end does not silence them for ever: they come
// back when marks begin to expire.
func (p Plan) MutedFor() time.Duration {
	if p.For > 0 {
		return p.For
	}
	return max(p.Window-p.Oldest, time.Hour)
}

// Warnings say what the pause would do to marks that wait for long, from now on.
func (p Plan) Warnings(now time.Time) []string {
	says := []string{}
	if p.For == 0 {
		says = append(says, "the pause has no end: nothing leaves the queue until ops resume")
	}
	for _, limit := range []struct {
		age  time.Duration
		what string
	}{
		{p.Window, "older than RetryWindow (" + short(p.Window) + "): it gets one try, and a failure that could pass dead-letters it"},
		{bulk.MaxAge, "older than 7 days: it is dead-lettered as soon as it can't be made at once"},
		{retention, "older than 14 days: SQS deletes it without a trace"},
	} {
		if p.For == 0 || p.For+max(p.Oldest, p.Drain) > limit.age {
			at := now.Add(max(0, limit.age-p.Oldest))
			says = append(says, fmt.Sprintf("from %s on, a mark that still waits can be %s", Clock(at), limit.what))
		}
	}
	return says
}

// Clock is a time as a person reads it, in UTC as the logs have it.
func Clock(t time.Time) string { return t.UTC().Format("2006-01-02 15:04 UTC") }

// short is a duration without the zeros at its end.
func short(d time.Duration) string {
	s := strings.Replace(d.Round(time.Second).String(), "m0s", "m", 1)
	return strings.Replace(s, "h0m", "h", 1)
}

// muted are the alarms that a pause itself would set off: marks grow old, and none is made.
var muted = []string{"OldestMarkAlarm", "HeldMarkAlarm", "SilenceAlarm"}

// ruleName is in the operator's policy too.
func (s *Switch) ruleName() string { return s.Stack.Name + "-pause" }

// mute silences the alarms about age until a time. The rule ends by itself. It begins with the next full minute: its
// expression knows minutes only, and whether a rule that begins in the past would still begin is not documented. The alarms
// look at more than a minute, so none goes off before that because of the pause.
func (s *Switch) mute(ctx context.Context, until time.Time, reason string) error {
	alarms, err := stack.Alarms(ctx, s.AWS, s.Stack.Name)
	var names []string
	for _, alarm := range alarms {
		if slices.Contains(muted, alarm.LogicalID) {
			names = append(names, aws.ToString(alarm.AlarmName))
		}
	}
	if err != nil || len(names) == 0 {
		return err
	}
	start := time.Now().UTC().Truncate(time.Minute).Add(time.Minute)
	minutes := max(1, int(min(until.Sub(start), longestMute).Minutes()))
	_, err = cloudwatch.NewFromConfig(s.AWS).PutAlarmMuteRule(ctx, &cloudwatch.PutAlarmMuteRuleInput{
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
	_, err := cloudwatch.NewFromConfig(s.AWS).DeleteAlarmMuteRule(ctx, &cloudwatch.DeleteAlarmMuteRuleInput{AlarmMuteRuleName: aws.String(s.ruleName())})
	return unlessMissing(err)
}
