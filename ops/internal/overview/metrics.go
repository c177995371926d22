package overview

import (
	"context"
	"math"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"helpcrunch-mark-read/ops/internal/stack"
	"helpcrunch-mark-read/shared/outcome"
	"helpcrunch-mark-read/shared/telemetry"
)

const (
	recently    = 20 * time.Minute // how far back the minutes are asked for
	rateMinutes = 5
	flowMinutes = 10
	period      = 5 * time.Minute // of what is counted for a day
)

// recent are the last minutes, as CloudWatch knows them: a minute or two late.
type recent struct {
	now                                time.Time
	queue, http, deleted, sent, oldest series
}

func (s *Source) recent(ctx context.Context, now time.Time) (*recent, error) {
	got, err := get(ctx, s.AWS, recently, s.ours("Calls", time.Minute, stack.QueueFunctionName), s.ours("Calls", time.Minute, stack.HTTPFunctionName),
		ofQueue(s.QueueURL, "NumberOfMessagesDeleted", "Sum"), ofQueue(s.QueueURL, "NumberOfMessagesSent", "Sum"), ofQueue(s.QueueURL, oldestMessage, "Maximum"))
	if err != nil {
		return nil, err
	}
	return &recent{now: now, queue: got[0], http: got[1], deleted: got[2], sent: got[3], oldest: got[4]}, nil
}

// rate is the average of the minutes up to the newest that has a call; in minutes without one there is no value.
func (r *recent) rate(budget int) *Rate {
	rate := &Rate{Budget: budget}
	end := newest(time.Minute, r.queue, r.http)
	if r.now.Sub(end) > rateMinutes*time.Minute {
		return rate // none lately: a live zero
	}
	rate.Queue, rate.HTTP = perMinute(r.queue, end, rateMinutes), perMinute(r.http, end, rateMinutes)
	rate.AgeSeconds = int(r.now.Sub(end).Seconds())
	return rate
}

// complete adds what CloudWatch knows of the backlog.
func (b *Backlog) complete(r *recent, budget int) {
	total := b.Waiting + b.InFlight
	if total == 0 {
		return
	}
	if r != nil && len(r.oldest) > 0 {
		b.Oldest = &Age{Seconds: int(r.oldest[0].value), AgeSeconds: age(r.now, newest(time.Minute, r.oldest))}
	}
	e := &Estimate{}
	if r != nil {
		if end := newest(time.Minute, r.deleted, r.sent); !end.IsZero() {
			e.LeftPerMinute, e.CamePerMinute = perMinute(r.deleted, end, flowMinutes), perMinute(r.sent, end, flowMinutes)
			e.AgeSeconds = age(r.now, end)
		}
	}
	net := e.LeftPerMinute - e.CamePerMinute
	if e.LeftPerMinute == 0 {
		e.ByBudget, net = true, budget-e.CamePerMinute
	}
	if net > 0 {
		e.Minutes = new(int(math.Ceil(float64(total) / float64(net))))
	}
	b.Empty = e
}

// day fills in what the last 24 hours show.
func (s *Source) day(ctx context.Context, r *Report) error {
	const day = 24 * time.Hour
	var metrics []types.MetricStat
	add := func(name string, dimensions ...string) {
		for _, function := range []string{stack.QueueFunctionName, stack.HTTPFunctionName} {
			metrics = append(metrics, s.ours(name, period, function, dimensions...))
		}
	}
	for _, o := range []outcome.Outcome{outcome.Applied, outcome.ChatNotFound, outcome.KeyRejected, outcome.KeyUnavailable} {
		add("Marks", "Outcome", string(o))
	}
	add("Overtaken")
	add("NotApplied")
	add("Refused", "Reason", "unauthorized")
	add("Refused", "Reason", "key_unavailable")
	got, err := get(ctx, s.AWS, day, metrics...)
	if err != nil {
		return err
	}
	for i := range got {
		got[i] = slices.DeleteFunc(got[i], func(p point) bool { return p.value == 0 })
	}
	sum := func(i int) int { return got[i].sum(time.Time{}) + got[i+1].sum(time.Time{}) }
	last := func(all []series) time.Time { // the period under way has its end ahead
		if end := newest(period, all...); end.Before(r.At) {
			return end
		}
		return r.At
	}
	r.Key = &Credential{Accepted: last(got[0:4]), Rejected: last(got[4:6]), Unavailable: last(got[6:8])}
	r.LastDay = &LastDay{Overtaken: sum(8), NotApplied: sum(10)}
	if s.Stack.Outputs[stack.CallerTokenSecretID] != "" {
		r.Tokens = &Tokens{Unknown: sum(12), Unreadable: sum(14), Unavailable: last(got[14:16])}
	}
	return nil
}

// ours is a metric of the function that an output names: by its name in Lambda.
func (s *Source) ours(name string, period time.Duration, output string, dimensions ...string) types.MetricStat {
	return metric(telemetry.Namespace, name, "Sum", period, append([]string{"FunctionName", s.Stack.Outputs[output]}, dimensions...)...)
}

// perMinute is the average of so many minutes before the end.
func perMinute(s series, end time.Time, minutes int) int {
	return int(math.Round(float64(s.sum(end.Add(-time.Duration(minutes)*time.Minute))) / float64(minutes)))
}

// age is how old a value is, by the end of its period.
func age(now, end time.Time) int { return int(max(0, now.Sub(end)).Seconds()) }
