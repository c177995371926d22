package overview

import (
	"context"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// series are the values of a metric, the newest first. Periods without a value are left out.
type series []point

// point is the value of the period that begins at a time.
type point struct {
	at    time.Time
	value float64
}

// metric is a metric, and how its values are put together. Dimensions are pairs of name and value.
func metric(namespace, name, stat string, period time.Duration, dimensions ...string) types.MetricStat {
	m := &types.Metric{Namespace: aws.String(namespace), MetricName: aws.String(name)}
	for pair := range slices.Chunk(dimensions, 2) {
		m.Dimensions = append(m.Dimensions, types.Dimension{Name: aws.String(pair[0]), Value: aws.String(pair[1])})
	}
	return types.MetricStat{Metric: m, Period: aws.Int32(int32(period.Seconds())), Stat: aws.String(stat)}
}

// get asks in one call for the values since so long ago, in the order of the metrics.
func get(ctx context.Context, config aws.Config, since time.Duration, metrics ...types.MetricStat) ([]series, error) {
	now := time.Now()
	input := &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(now.Add(-since)), EndTime: aws.Time(now), ScanBy: types.ScanByTimestampDescending,
	}
	for i, m := range metrics {
		input.MetricDataQueries = append(input.MetricDataQueries, types.MetricDataQuery{Id: aws.String("m" + strconv.Itoa(i)), MetricStat: &m})
	}
	all := make([]series, len(metrics))
	for pages := cloudwatch.NewGetMetricDataPaginator(cloudwatch.NewFromConfig(config), input); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, r := range page.MetricDataResults {
			i, _ := strconv.Atoi(strings.TrimPrefix(aws.ToString(r.Id), "m"))
			for j, at := range r.Timestamps[:min(len(r.Timestamps), len(r.Values))] {
				all[i] = append(all[i], point{at, r.Values[j]})
			}
		}
	}
	return all, nil
}

// sum adds up the values since a time.
func (s series) sum(since time.Time) int {
	sum := 0.0
	for _, p := range s {
		if !p.at.Before(since) {
			sum += p.value
		}
	}
	return int(sum)
}

// newest is the end of the newest period that has a value in one of the series; zero when there is none.
func newest(period time.Duration, all ...series) (end time.Time) {
	for _, s := range all {
		if len(s) > 0 && s[0].at.Add(period).After(end) {
			end = s[0].at.Add(period)
		}
	}
	return end
}

const (
	oldestMessage = "ApproximateAgeOfOldestMessage" // in seconds
	ageWindow     = 15 * time.Minute                // how far back it is looked for; SQS reports it every minute while the queue is in use
)

// ofQueue is a metric of SQS's.
func ofQueue(queueURL, name, stat string) types.MetricStat {
	return metric("AWS/SQS", name, stat, time.Minute, "QueueName", path.Base(queueURL))
}

// Oldest is how long the oldest message of a queue has waited, and whether CloudWatch knows of one in the last minutes.
func Oldest(ctx context.Context, config aws.Config, queueURL string) (time.Duration, bool, error) {
	all, err := get(ctx, config, ageWindow, ofQueue(queueURL, oldestMessage, "Maximum"))
	if err != nil || len(all[0]) == 0 {
		return 0, false, err
	}
	return time.Duration(all[0][0].value) * time.Second, true, nil
}
