package main

import (
	"context"
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// inAccount runs a test in simulated time, which begins at 2000-01-01 00:00 UTC.
func inAccount(t *testing.T, test func(*testing.T, *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(t, true)
		defer w.account.unschedule()
		test(t, w)
	})
}

func (r result) check(t *testing.T, code int, texts ...string) {
	t.Helper()
	if r.code != code {
		t.Errorf("exit code %d, want %d: %+v", r.code, code, r)
	}
	for _, text := range texts {
		if !strings.Contains(r.out+r.err, text) {
			t.Errorf("%q is not said: %+v", text, r)
		}
	}
}

var agedAlarms = []string{"mark-read-HeldMarkAlarm-1ABC", "mark-read-OldestMarkAlarm"}

func TestPauseAndResume(t *testing.T) {
	inAccount(t, func(t *testing.T, w *world) {
		before := w.account.mappingTags()
		got := w.ops(t.Context(), "", onStack("pause", "--reason", "HelpCrunch's limit: 120/min, \"busy\" é")...)
		got.check(t, 0, "Paused since 2000-01-01 00:00 UTC", "batches in flight end first", "Warning: the pause has no end", "RetryWindow (24h)", "7 days", "14 days: SQS deletes it")
		if w.account.mappingState() != "Disabled" || len(w.account.planned()) != 0 {
			t.Errorf("%s, %v", w.account.mappingState(), w.account.planned())
		}
		time.Sleep(time.Minute)
		if muted := w.account.mutedNow(); !slices.Equal(muted, agedAlarms) {
			t.Errorf("muted: %v", muted)
		}
		w.ops(t.Context(), "", onStack("resume")...).check(t, 0, "Resumed: marks leave the queue again")
		if w.account.mappingState() != "Enabled" || len(w.account.mutedNow()) != 0 || !maps.Equal(w.account.mappingTags(), before) {
			t.Errorf("left behind: %s, %v, %v", w.account.mappingState(), w.account.mutedNow(), w.account.mappingTags())
		}
		w.ops(t.Context(), "", onStack("resume")...).check(t, 0, "The queue was not paused")
	})
}

// A pause with an end undoes itself: the schedule enables the mapping, and the muting is over by then.
func TestPauseForATime(t *testing.T) {
	inAccount(t, func(t *testing.T, w *world) {
		got := w.ops(t.Context(), "", onStack("pause", "--for", "2h", "--json")...)
		var paused struct {
			State                          string
			Since, Until, AlarmsMutedUntil time.Time
			Warnings                       []string
		}
		got.check(t, 0)
		got.read(t, &paused)
		if paused.State != "paused" || paused.Until.Sub(paused.Since) != 2*time.Hour || !paused.AlarmsMutedUntil.Equal(paused.Until) || len(paused.Warnings) != 0 {
			t.Errorf("%+v", paused)
		}
		if want := map[string]string{"resume-" + mappingID: "at(2000-01-01T02:00:00)"}; !maps.Equal(w.account.planned(), want) {
			t.Errorf("%v", w.account.planned())
		}
		time.Sleep(time.Until(paused.Until) - time.Second)
		if w.account.mappingState() != "Disabled" || !slices.Equal(w.account.mutedNow(), agedAlarms) {
			t.Errorf("a second before the end: %s, %v", w.account.mappingState(), w.account.mutedNow())
		}
		time.Sleep(time.Minute)
		if w.account.mappingState() != "Enabled" || len(w.account.mutedNow()) != 0 || len(w.account.planned()) != 0 {
			t.Errorf("after the end: %s, %v, %v", w.account.mappingState(), w.account.mutedNow(), w.account.planned())
		}
	})
}

// Each case begins with a pause of two hours and goes on with another command.
func TestPauseAgain(t *testing.T) {
	for _, tc := range []struct {
		name     string
		args     []string
		schedule string
		muted    time.Duration // from the beginning
	}{
		{"longer", []string{"pause", "--for", "5h", "--reason", "still"}, "at(2000-01-01T05:30:00)", 5*time.Hour + 30*time.Minute},
		{"without an end", []string{"pause"}, "", 24*time.Hour + 30*time.Minute},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inAccount(t, func(t *testing.T, w *world) {
				start := time.Now()
				w.ops(t.Context(), "", onStack("pause", "--for", "2h", "--reason", "first")...).check(t, 0)
				time.Sleep(time.Until(start.Add(30 * time.Minute)))
				w.ops(t.Context(), "", onStack(tc.args...)...).check(t, 0, "Paused since 2000-01-01 00:00 UTC")
				if got := w.account.planned()["resume-"+mappingID]; got != tc.schedule {
					t.Errorf("the schedule is %q", got)
				}
				rule := w.account.muteRules()["mark-read-pause"]
				if got := rule.End.Sub(start); got != tc.muted {
					t.Errorf("muted for %s", got)
				}
				if strings.Contains(strings.Join(slices.Collect(maps.Values(w.account.mappingTags())), " "), "first") {
					t.Errorf("the old reason is kept: %v", w.account.mappingTags())
				}
			})
		})
	}
}

// Wherever a pause breaks off, the alarms ring or the queue runs, and resume undoes it.
func TestPauseBreaksOff(t *testing.T) {
	for _, tc := range []struct {
		denied, mapping string
		says            string
		left            bool // something for ops resume
	}{
		{"lambda:GetEventSourceMapping", "Enabled", "lambda:GetEventSourceMapping", false},
		{"lambda:ListTags", "Enabled", "lambda:ListTags", false},
		{"scheduler:CreateSchedule", "Enabled", "scheduler:CreateSchedule", false},
		{"lambda:TagResource", "Enabled", "lambda:TagResource", false},
		{"lambda:UpdateEventSourceMapping", "Enabled", "lambda:UpdateEventSourceMapping", false},
		{"cloudwatch:DescribeAlarms", "Disabled", "cloudwatch:DescribeAlarms", true},
		{"cloudwatch:PutAlarmMuteRule", "Disabled", "the queue is paused, but its alarms about age are not muted", true},
	} {
		t.Run(tc.denied, func(t *testing.T) {
			inAccount(t, func(t *testing.T, w *world) {
				before := w.account.mappingTags()
				w.account.deny(tc.denied)
				w.ops(t.Context(), "", onStack("pause", "--for", "1h")...).check(t, 1, tc.says, "OperatorPolicyArn")
				if w.account.mappingState() != tc.mapping || len(w.account.muteRules()) != 0 {
					t.Errorf("%s, %v", w.account.mappingState(), w.account.muteRules())
				}
				if left := len(w.account.planned()) > 0 || !maps.Equal(before, w.account.mappingTags()); left != tc.left {
					t.Errorf("left behind: %v, %v", w.account.planned(), w.account.mappingTags())
				}
				w.account.deny()
				w.ops(t.Context(), "", onStack("resume")...).check(t, 0)
				if len(w.account.planned()) > 0 || !maps.Equal(before, w.account.mappingTags()) || w.account.mappingState() != "Enabled" {
					t.Errorf("left by resume: %v, %v", w.account.planned(), w.account.mappingTags())
				}
			})
		})
	}
}

// Who is stopped after Lambda has begun leaves a pause that ends by itself, and the alarms ring.
func TestPauseIsStopped(t *testing.T) {
	inAccount(t, func(t *testing.T, w *world) {
		ctx, stop := context.WithCancel(t.Context())
		time.AfterFunc(5*time.Second, stop)
		w.ops(ctx, "", onStack("pause", "--for", "1h")...).check(t, 130)
		time.Sleep(time.Minute)
		if w.account.mappingState() != "Disabled" || len(w.account.planned()) != 1 || len(w.account.muteRules()) != 0 {
			t.Errorf("%s, %v, %v", w.account.mappingState(), w.account.planned(), w.account.muteRules())
		}
		w.ops(t.Context(), "", onStack("status")...).check(t, 0, "PAUSED since 2000-01-01 00:00 UTC until 2000-01-01 01:00 UTC")
		time.Sleep(time.Hour)
		if w.account.mappingState() != "Enabled" {
			t.Error("it did not end by itself")
		}
	})
}

func TestResumeBreaksOff(t *testing.T) {
	for _, denied := range []string{"cloudwatch:DeleteAlarmMuteRule", "scheduler:DeleteSchedule", "lambda:UntagResource", "lambda:UpdateEventSourceMapping"} {
		t.Run(denied, func(t *testing.T) {
			inAccount(t, func(t *testing.T, w *world) {
				w.ops(t.Context(), "", onStack("pause", "--for", "1h")...).check(t, 0)
				w.account.deny(denied)
				w.ops(t.Context(), "", onStack("resume")...).check(t, 1, denied)
				want := "Enabled"
				if denied == "lambda:UpdateEventSourceMapping" {
					want = "Disabled"
					if len(w.account.planned()) == 0 {
						t.Error("nothing will resume")
					}
				}
				if got := w.account.mappingState(); got != want {
					t.Errorf("the mapping is %s", got)
				}
			})
		})
	}
}

// Lambda refuses a change while it makes another.
func TestResumeRightAfterAPause(t *testing.T) {
	inAccount(t, func(t *testing.T, w *world) {
		w.account.toggle(false)
		w.ops(t.Context(), "", onStack("resume")...).check(t, 0, "had been disabled by somebody")
		if w.account.mappingState() != "Enabled" {
			t.Error(w.account.mappingState())
		}
	})
}

func TestPausesThatAreRefused(t *testing.T) {
	day := 24 * time.Hour
	for _, tc := range []struct {
		name   string
		oldest time.Duration
		args   []string
		says   string
	}{
		{"too short", 0, []string{"--for", "10s"}, "a pause lasts from 1m to 312h"},
		{"negative", 0, []string{"--for=-1h"}, "a pause lasts from 1m to 312h"},
		{"too long", 0, []string{"--for", "320h"}, "a pause lasts from 1m to 312h"},
		{"too long for what waits", 5 * day, []string{"--for", "240h"}, "the oldest mark has waited for 120h already"},
		{"a long reason", 0, []string{"--reason", strings.Repeat("'", 90)}, "the reason is too long"},
		{"an argument", 0, []string{"2h"}, "unexpected argument 2h"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inAccount(t, func(t *testing.T, w *world) {
				w.account.Metrics = func(metricQuery) []metricPoint { return []metricPoint{{time.Minute, tc.oldest.Seconds()}} }
				w.ops(t.Context(), "", onStack(append([]string{"pause"}, tc.args...)...)...).check(t, 2, tc.says)
				if w.account.mappingState() != "Enabled" || len(w.account.planned()) != 0 {
					t.Error("something was changed")
				}
			})
		})
	}
	inAccount(t, func(t *testing.T, w *world) {
		w.ops(t.Context(), "", "pause", "--queue-url", w.Marks).check(t, 2, "only a deployed stack has an event source mapping to pause")
		w.ops(t.Context(), "", "resume", "--stack", "other").check(t, 1, "has no output")
	})
}

func TestWarnsOfMarksThatWouldExpire(t *testing.T) {
	inAccount(t, func(t *testing.T, w *world) {
		w.account.Metrics = func(q metricQuery) []metricPoint {
			if q.Metric != "ApproximateAgeOfOldestMessage" || q.Dimensions["QueueName"] != "marks.fifo" {
				t.Errorf("%+v", q)
			}
			return []metricPoint{{time.Minute, (20 * time.Hour).Seconds()}}
		}
		got := w.ops(t.Context(), "", onStack("pause", "--for", "5h")...)
		got.check(t, 0, "Warning: from 2000-01-01 04:00 UTC on, a mark that still waits can be older than RetryWindow (24h)")
		if strings.Contains(got.out, "7 days") || strings.Contains(got.out, "no end") {
			t.Errorf("%+v", got)
		}
	})
}

// The doctor says what stops the queue, and notices a pause that does not end as promised.
func TestDoctorOnPauses(t *testing.T) {
	for _, tc := range []struct {
		name    string
		prepare func(*testing.T, *world)
		says    string
	}{
		{"running", func(*testing.T, *world) {}, "ok       pause                the queue is not paused"},
		{"paused", func(t *testing.T, w *world) {
			w.ops(t.Context(), "", onStack("pause", "--for", "1h", "--reason", "HelpCrunch's maintenance")...)
		}, "warning  pause                paused since 2000-01-01 00:00 UTC: HelpCrunch's maintenance; AWS resumes at 2000-01-01 01:00 UTC"},
		{"paused, with old marks", func(t *testing.T, w *world) {
			w.parameters = map[string]string{"OldestMarkSeconds": "900"}
			w.account.Metrics = func(metricQuery) []metricPoint { return every(3600, 3) }
			w.ops(t.Context(), "", onStack("pause", "--for", "1h")...)
		}, "warning  oldest mark          the oldest mark has waited for 1h0m0s, as the queue is stopped"},
		{"without an end", func(t *testing.T, w *world) {
			w.ops(t.Context(), "", onStack("pause")...)
		}, "warning  pause                paused since 2000-01-01 00:00 UTC; it has no end"},
		{"without its schedule", func(t *testing.T, w *world) {
			w.ops(t.Context(), "", onStack("pause", "--for", "1h")...)
			w.account.unschedule()
		}, "problem  pause                paused since 2000-01-01 00:00 UTC; it should end at 2000-01-01 01:00 UTC, but there is no schedule"},
		{"a resume that failed", func(t *testing.T, w *world) {
			w.account.Resumes = func() bool { return false }
			w.ops(t.Context(), "", onStack("pause", "--for", "1h")...)
			time.Sleep(2 * time.Hour)
		}, "problem  pause                the queue should have been resumed at 2000-01-01 01:00 UTC, and is still paused"},
		{"ended by itself", func(t *testing.T, w *world) {
			w.ops(t.Context(), "", onStack("pause", "--for", "1h")...)
			time.Sleep(2 * time.Hour)
		}, "ok       pause                the queue is not paused"},
		{"by somebody", func(_ *testing.T, w *world) { w.account.disable() }, "problem  pause                somebody disabled the event source mapping"},
		{"half a pause", func(t *testing.T, w *world) {
			w.ops(t.Context(), "", onStack("pause")...)
			w.account.toggle(true)
			time.Sleep(time.Minute)
		}, "problem  pause                a pause was begun and not finished: the queue runs"},
		{"not allowed", func(_ *testing.T, w *world) { w.account.deny("lambda:ListTags") }, "unknown  pause                Lambda ListTags: these credentials may not do that (lambda:ListTags)"},
		{"not allowed to see the schedule", func(t *testing.T, w *world) {
			w.ops(t.Context(), "", onStack("pause", "--for", "1h")...)
			w.account.deny("scheduler:GetSchedule")
		}, "unknown  pause                Scheduler GetSchedule"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			inAccount(t, func(t *testing.T, w *world) {
				tc.prepare(t, w)
				w.ops(t.Context(), "", onStack("doctor")...).check(t, 3, tc.says)
			})
		})
	}
}
