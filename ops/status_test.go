package main

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"helpcrunch-mark-read/ops/internal/opstest"
	"helpcrunch-mark-read/shared/mark"
)

func (w *world) send(t *testing.T, n int) {
	t.Helper()
	for i := range n {
		id := aws.String(fmt.Sprint(i))
		if _, err := w.Client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: aws.String(w.Marks), MessageBody: aws.String("x"), MessageGroupId: id, MessageDeduplicationId: id}); err != nil {
			t.Fatal(err)
		}
	}
}

// every returns a value for each minute of the last so many.
func every(value float64, minutes int) []metricPoint {
	var points []metricPoint
	for i := range minutes {
		points = append(points, metricPoint{time.Duration(i+1) * time.Minute, value})
	}
	return points
}

// busy is a stack at work: 40 marks leave and 10 come in a minute.
func busy(q metricQuery) []metricPoint {
	of := q.Dimensions["FunctionName"]
	switch {
	case q.Metric == "Calls" && of == "queue-function":
		return every(55, 15)
	case q.Metric == "Calls":
		return every(2, 3)
	case q.Metric == "NumberOfMessagesDeleted":
		return every(40, 15)
	case q.Metric == "NumberOfMessagesSent":
		return every(10, 15)
	case q.Metric == "ApproximateAgeOfOldestMessage":
		return []metricPoint{{2 * time.Minute, 754}}
	case q.Metric == "Marks" && q.Dimensions["Outcome"] == "applied" && of == "queue-function":
		return []metricPoint{{10 * time.Minute, 3}}
	case q.Metric == "Overtaken" && of == "http-function", q.Metric == "NotApplied":
		return []metricPoint{{time.Hour, 2}, {2 * time.Hour, 1}}
	}
	return nil
}

func TestStatus(t *testing.T) {
	for _, tc := range []struct {
		name    string
		prepare func(*testing.T, *world)
		says    []string
	}{
		{"at work", func(t *testing.T, w *world) { w.account.Metrics = busy; w.send(t, 90) }, []string{
			"Stack         mark-read, at 2000-01-01 00:00:00 UTC",
			"Queue         running\n",
			"Calls         queue 55 of 60 a minute, HTTP 1 a minute (average of 5 minutes, 0 s old)",
			"Waiting       about 90 waiting, 0 in flight or held, the oldest for 12 min (60 s old)",
			"Empty         in about 3 min: 40 leave and 10 come in a minute, average of 10 minutes, 0 s old",
			"Dead letters  0\n",
			"Key           accepted by HelpCrunch 5 min ago (to 5 minutes)",
			"Last 24 h     3 overtaken, 6 not applied",
		}},
		{"idle", func(*testing.T, *world) {}, []string{
			"Calls         queue 0 of 60 a minute, HTTP 0 a minute (none in the last 5 minutes)",
			"Waiting       about 0 waiting, 0 in flight or held\n", "Empty         now", "Key           no attempt in the last 24 h; ops doctor tries it",
		}},
		{"more comes than goes", func(t *testing.T, w *world) {
			w.send(t, 5)
			w.account.Metrics = func(q metricQuery) []metricPoint {
				return map[string][]metricPoint{"NumberOfMessagesDeleted": every(10, 15), "NumberOfMessagesSent": every(50, 15)}[q.Metric]
			}
		}, []string{"Empty         never at this rate: 10 leave and 50 come in a minute"}},
		{"held", func(t *testing.T, w *world) {
			w.parameters = map[string]string{"BatchSize": "10", "MaximumConcurrency": "2"}
			w.send(t, 25)
			for range 3 {
				if _, err := w.Client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: aws.String(w.Marks), MaxNumberOfMessages: 10, VisibilityTimeout: 600}); err != nil {
					t.Fatal(err)
				}
			}
		}, []string{"about 0 waiting, 25 in flight or held (at least 5 held)", "Empty         in about 60 s, at the whole rate budget (nothing left the queue in the last 10 minutes)"}},
		{"paused", func(t *testing.T, w *world) {
			w.send(t, 120)
			w.ops(t.Context(), "", onStack("pause", "--for", "2h", "--reason", "HelpCrunch's "+hostile)...)
		}, []string{"Queue         PAUSED since 2000-01-01 00:00 UTC until 2000-01-01 02:00 UTC: HelpCrunch's ", "Empty         in about 2 min after the queue is resumed, at the whole rate budget"}},
		{"paused without an end", func(t *testing.T, w *world) { w.ops(t.Context(), "", onStack("pause")...) }, []string{"PAUSED since 2000-01-01 00:00 UTC, without an end\n"}},
		{"a resume that failed", func(t *testing.T, w *world) {
			w.account.Resumes = func() bool { return false }
			w.ops(t.Context(), "", onStack("pause", "--for", "1h")...)
			time.Sleep(2 * time.Hour)
		}, []string{"and should have been resumed at 2000-01-01 01:00 UTC; ops resume does it"}},
		{"disabled by somebody", func(_ *testing.T, w *world) { w.account.disable() }, []string{"DISABLED by somebody, not by ops pause, since 2000-01-01 00:00 UTC"}},
		{"half a pause", func(t *testing.T, w *world) {
			w.ops(t.Context(), "", onStack("pause")...)
			w.account.toggle(true)
			time.Sleep(time.Minute)
		}, []string{"running, though a pause was begun and not finished"}},
		{"a rejected key", func(_ *testing.T, w *world) {
			w.account.Metrics = func(q metricQuery) []metricPoint {
				return map[string][]metricPoint{"applied": {{3 * time.Hour, 1}}, "key_rejected": {{20 * time.Minute, 4}}, "key_unavailable": {{23 * time.Hour, 1}}}[q.Dimensions["Outcome"]]
			}
		}, []string{"Key           REJECTED by HelpCrunch (ops key set) 15 min ago; accepted by HelpCrunch 2 h 55 min ago; UNAVAILABLE"}},
		{"refused callers", func(_ *testing.T, w *world) {
			w.outputs = map[string]string{"CallerTokenSecretId": "tokens"}
			w.account.Metrics = func(q metricQuery) []metricPoint {
				if q.Dimensions["FunctionName"] != "http-function" {
					return nil
				}
				return map[string][]metricPoint{"unauthorized": {{time.Hour, 12}}, "key_unavailable": {{time.Hour, 3}}}[q.Dimensions["Reason"]]
			}
		}, []string{"Tokens        12 callers refused in the last 24 h, and 3 because the tokens could not be read or used, the last 55 min ago"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inAccount(t, func(t *testing.T, w *world) {
				tc.prepare(t, w)
				got := w.ops(t.Context(), "", onStack("status")...)
				got.check(t, 0, tc.says...)
				checkShown(t, got.out)
			})
		})
	}
}

func TestStatusByOutcome(t *testing.T) {
	inAccount(t, func(t *testing.T, w *world) {
		w.AddDead(t, deadLetters()...)
		w.ops(t.Context(), "", onStack("status")...).check(t, 0, "Dead letters  5\n")
		w.ops(t.Context(), "", onStack("status", "--dead")...).check(t, 0, "Dead letters  5: chat_not_found 2, ")
		var report struct {
			DeadLetters struct{ ByOutcome map[string]int }
			Unknown     []string
		}
		w.ops(t.Context(), "", onStack("status", "--dead", "--json")...).read(t, &report)
		if report.DeadLetters.ByOutcome["chat_not_found"] != 2 || report.Unknown == nil {
			t.Errorf("%+v", report)
		}
	})
}

// What is not allowed is said by its name, and hides nothing else.
func TestStatusWithoutPermissions(t *testing.T) {
	for denied, kept := range map[string]string{
		"cloudwatch:GetMetricData":     "Queue         running",
		"lambda:GetEventSourceMapping": "Calls         queue 55",
		"lambda:ListTags":              "Queue         running",
	} {
		t.Run(denied, func(t *testing.T) {
			inAccount(t, func(t *testing.T, w *world) {
				w.account.Metrics = busy
				w.account.deny(denied)
				w.ops(t.Context(), "", onStack("status")...).check(t, 1, "Not known     ", "("+denied+")", "OperatorPolicyArn", kept, "Dead letters  0", "Waiting       about 0")
				if got := w.ops(t.Context(), "", onStack("status")...); strings.Count(got.out, "Not known") != 1 {
					t.Errorf("it is said more than once: %+v", got)
				}
			})
		})
	}
}

func TestStatusOfAStopThatIsNotKnown(t *testing.T) {
	inAccount(t, func(t *testing.T, w *world) {
		w.account.disable()
		w.account.deny("lambda:ListTags")
		w.ops(t.Context(), "", onStack("status")...).check(t, 1, "STOPPED: Lambda says Disabled; whether by a pause is not known", "(lambda:ListTags)")
	})
}

// Without a stack there are the queues' own numbers.
func TestStatusOfQueues(t *testing.T) {
	inAccount(t, func(t *testing.T, w *world) {
		w.send(t, 3)
		w.AddDead(t, opstest.DeadLetter{Number: 1, Mark: mark.Mark{ID: 1, Reader: mark.Agent}, Outcome: "unexpected"})
		got := w.ops(t.Context(), "", "status", "--queue-url", w.Marks, "--dead-letter-queue-url", w.Dead)
		got.check(t, 0, "about 3 waiting", "Dead letters  1")
		if strings.Contains(got.out, "Key") || strings.Contains(got.out, "Calls") {
			t.Errorf("%+v", got)
		}
	})
}

// All calls are made at once: status is as quick as the slowest.
func TestStatusAsksAtOnce(t *testing.T) {
	inAccount(t, func(t *testing.T, w *world) {
		w.delay = 200 * time.Millisecond
		start := time.Now()
		w.ops(t.Context(), "", onStack("status")...).check(t, 0)
		if took := time.Since(start); took > time.Second {
			t.Errorf("it took %s", took)
		}
	})
}

func TestStatusWatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, true)
		ctx, stop := context.WithTimeout(t.Context(), 25*time.Second)
		defer stop()
		got := w.ops(ctx, "", onStack("status", "--watch", "--json")...)
		lines := strings.Split(strings.TrimSpace(got.out), "\n")
		if got.code != 130 || len(lines) != 3 || slices.ContainsFunc(lines, func(l string) bool { return !json.Valid([]byte(l)) }) {
			t.Errorf("%d reports, %+v", len(lines), got)
		}
	})
}
