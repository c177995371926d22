package overview

import (
	"context"
	"math"
	"strings"
	"time"

	"helpcrunch-mark-read/ops/internal/metrics"
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
	queue, http, deleted, sent, oldest metrics.Series
}

func (s *Source) recent(ctx context.Context, now time.Time) (*recent, error) {
	name := s.QueueURL[strings.LastIndexByte(s.QueueURL, '/')+1:]
	ofSQS := func(metric string) metrics.Query {
		return metrics.Query{Namespace: "AWS/SQS", Name: metric, Dimensions: []string{"QueueName", name}, Stat: "Sum", Period: time.Minute}
	}
	got, err := metrics.Get(ctx, s.Metrics, recently, ours("Calls", time.Minute, s.Queue), ours("Calls", time.Minute, s.HTTP),
		ofSQS("NumberOfMessagesDeleted"), ofSQS("NumberOfMessagesSent"), metrics.OldestMessage(name))
	if err != nil {
		return nil, err
	}
	return &recent{now: now, queue: got[0], http: got[1], deleted: got[2], sent: got[3], oldest: got[4]}, nil
}

// rate is the average of the minutes up to the newest that has a call; in minutes without one there is no value.
func (r *recent) rate(budget int) *Rate {
	rate := &Rate{Budget: budget}
	end, known := newest(r.queue, r.http)
	if !known || r.now.Sub(end) > rateMinutes*time.Minute {
		return rate // none lately: a live zero
	}
	since := end.Add(-rateMinutes * time.Minute)
	rate.Queue, rate.HTTP = perMinute(r.queue, since, rateMinutes), perMinute(r.http, since, rateMinutes)
	rate.AgeSeconds = int(r.now.Sub(end).Seconds())
	return rate
}

// complete adds what CloudWatch knows of the backlog.
func (b *Backlog) complete(r *recent, budget int) {
	total := b.Waiting + b.InFlight
	if r != nil && len(r.oldest) > 0 && total > 0 {
		newest := r.oldest[0]
		b.Oldest = &Age{Seconds: int(newest.Value), AgeSeconds: age(r.now, newest.At)}
	}
	if total == 0 {
		return
	}
	e := &Estimate{}
	if r != nil {
		end, known := newest(r.deleted, r.sent)
		if known {
			since := end.Add(-flowMinutes * time.Minute)
			e.LeftPerMinute, e.CamePerMinute = perMinute(r.deleted, since, flowMinutes), perMinute(r.sent, since, flowMinutes)
			e.AgeSeconds = int(max(0, r.now.Sub(end)).Seconds())
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
	var queries []metrics.Query
	add := func(name string, dimensions ...string) {
		for _, function := range []string{s.Queue, s.HTTP} {
			queries = append(queries, ours(name, period, function, dimensions...))
		}
	}
	for _, o := range []outcome.Outcome{outcome.Applied, outcome.ChatNotFound, outcome.KeyRejected, outcome.KeyUnavailable} {
		add("Marks", "Outcome", string(o))
	}
	add("Overtaken")
	add("NotApplied")
	add("Refused", "Reason", "unauthorized")
	add("Refused", "Reason", "key_unavailable")
	got, err := metrics.Get(ctx, s.Metrics, day, queries...)
	if err != nil {
		return err
	}
	sum := func(i int) int { return got[i].Sum(time.Time{}) + got[i+1].Sum(time.Time{}) }
	r.Key = &Credential{Accepted: last(r.At, got[0:4]), Rejected: last(r.At, got[4:6]), Unavailable: last(r.At, got[6:8])}
	r.LastDay = &LastDay{Overtaken: sum(8), NotApplied: sum(10)}
	if s.HasTokens {
		r.Tokens = &Tokens{Unknown: sum(12), Unreadable: sum(14), Unavailable: last(r.At, got[14:16])}
	}
	return nil
}

// last is the end of the newest period with a value in one of the series.
func last(now time.Time, all []metrics.Series) time.Time {
	var newest time.Time
	for _, s := range all {
		if p, known := s.Newest(); known && p.At.Add(period).After(newest) {
			newest = p.At.Add(period)
		}
	}
	if newest.After(now) {
		newest = now
	}
	return newest
}

func ours(name string, period time.Duration, function string, dimensions ...string) metrics.Query {
	return metrics.Query{Namespace: telemetry.Namespace, Name: name, Dimensions: append([]string{"FunctionName", function}, dimensions...), Stat: "Sum", Period: period}
}

// newest is the end of the newest minute that has a value in one of the series.
func newest(all ...metrics.Series) (time.Time, bool) {
	var end time.Time
	for _, s := range all {
		if len(s) > 0 && s[0].At.Add(time.Minute).After(end) {
			end = s[0].At.Add(time.Minute)
		}
	}
	return end, !end.IsZero()
}

func perMinute(s metrics.Series, since time.Time, minutes int) int {
	return int(math.Round(float64(s.Sum(since)) / float64(minutes)))
}

// age is how old a minute's value is.
func age(now, at time.Time) int { return int(max(0, now.Sub(at.Add(time.Minute))).Seconds()) }
