// Package metrics asks CloudWatch for any number of metrics in one call.
package metrics

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// CloudWatch is the part of CloudWatch's API that is used; *cloudwatch.Client has it.
type CloudWatch = cloudwatch.GetMetricDataAPIClient

// Query is a metric, and how its values are put together. Dimensions are pairs of name and value.
type Query struct {
	Namespace, Name string
	Dimensions      []string
	Stat            string
	Period          time.Duration
}

// Series are the values of a metric, the newest first. Periods without a value are left out.
type Series []Point

// Point is the value of the period that begins at a time.
type Point struct {
	At    time.Time
	Value float64
}

// Get asks for the values since so long ago, in the order of the queries.
func Get(ctx context.Context, api CloudWatch, since time.Duration, queries ...Query) ([]Series, error) {
	now := time.Now()
	input := &cloudwatch.GetMetricDataInput{
		StartTime: aws.Time(now.Add(-since)), EndTime: aws.Time(now), ScanBy: types.ScanByTimestampDescending,
	}
	for i, q := range queries {
		metric := &types.Metric{Namespace: aws.String(q.Namespace), MetricName: aws.String(q.Name)}
		for j := 0; j+1 < len(q.Dimensions); j += 2 {
			metric.Dimensions = append(metric.Dimensions, types.Dimension{Name: aws.String(q.Dimensions[j]), Value: aws.String(q.Dimensions[j+1])})
		}
		input.MetricDataQueries = append(input.MetricDataQueries, types.MetricDataQuery{
			Id:         aws.String("m" + strconv.Itoa(i)),
			MetricStat: &types.MetricStat{Metric: metric, Period: aws.Int32(int32(q.Period.Seconds())), Stat: aws.String(q.Stat)},
		})
	}
	all := make([]Series, len(queries))
	for pages := cloudwatch.NewGetMetricDataPaginator(api, input); pages.HasMorePages(); {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, r := range page.MetricDataResults {
			i, _ := strconv.Atoi(strings.TrimPrefix(aws.ToString(r.Id), "m"))
			for j, at := range r.Timestamps[:min(len(r.Timestamps), len(r.Values))] {
				all[i] = append(all[i], Point{at, r.Values[j]})
			}
		}
	}
	return all, nil
}

// Sum adds up the values since a time.
func (s Series) Sum(since time.Time) int {
	sum := 0.0
	for _, p := range s {
		if !p.At.Before(since) {
			sum += p.Value
		}
	}
	return int(sum)
}

// Newest is the newest value that is not zero.
func (s Series) Newest() (Point, bool) {
	for _, p := range s {
		if p.Value != 0 {
			return p, true
		}
	}
	return Point{}, false
}

const ageWindow = 15 * time.Minute // how far back a queue's age is looked for; SQS reports it every minute while the queue is in use

// OldestMessage is the query of how long the oldest message of a queue has waited, in seconds.
func OldestMessage(queueName string) Query {
	return Query{"AWS/SQS", "ApproximateAgeOfOldestMessage", []string{"QueueName", queueName}, "Maximum", time.Minute}
}

// Oldest is how long the oldest message of a queue has waited, and whether CloudWatch knows of one in the last minutes.
func Oldest(ctx context.Context, api CloudWatch, queueName string) (time.Duration, bool, error) {
	all, err := Get(ctx, api, ageWindow, OldestMessage(queueName))
	if err != nil || len(all[0]) == 0 {
		return 0, false, err
	}
	return time.Duration(all[0][0].Value) * time.Second, true, nil
}
