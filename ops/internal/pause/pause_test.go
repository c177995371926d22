package pause

import (
	"regexp"
	"strings"
	"testing"
	"time"
)

// A tag's value takes few characters, and a reason any.
func TestReasonsSurviveTheTag(t *testing.T) {
	allowed := regexp.MustCompile(`^[A-Za-z0-9 +=._:/@-]*$`)
	for _, reason := range []string{"", "maintenance", "HelpCrunch's limit: 120/min, \"busy\"", "Störung ✓", "=41", "a=b\n\x00", strings.Repeat("x", 256)} {
		if tag := encode(reason); !allowed.MatchString(tag) || decode(tag) != reason {
			t.Errorf("%q is %q, and back %q", reason, tag, decode(tag))
		}
	}
	for _, foreign := range []string{"=", "=4", "=ZZ", "100=%"} {
		if got := decode(foreign); got != foreign {
			t.Errorf("%q became %q", foreign, got)
		}
	}
	if CheckReason(strings.Repeat("x", 256)) != nil || CheckReason(strings.Repeat("x", 257)) == nil || CheckReason(strings.Repeat("é", 50)) == nil {
		t.Error("the longest reason")
	}
}

func TestPlan(t *testing.T) {
	const day = 24 * time.Hour
	for _, tc := range []struct {
		name     string
		plan     Plan
		refused  bool
		warnings int
		muted    time.Duration
	}{
		{"an hour", Plan{For: time.Hour, Window: day}, false, 0, time.Hour},
		{"no end", Plan{Window: day}, false, 4, day},
		{"no end, and old marks", Plan{Window: day, Oldest: 26 * time.Hour}, false, 4, time.Hour},
		{"past the window", Plan{For: 25 * time.Hour, Window: day}, false, 1, 25 * time.Hour},
		{"past the window with what waits", Plan{For: 5 * time.Hour, Oldest: 20 * time.Hour, Window: day}, false, 1, 5 * time.Hour},
		{"past the window until the queue is empty", Plan{For: 5 * time.Hour, Drain: 20 * time.Hour, Window: day}, false, 1, 5 * time.Hour},
		{"past seven days", Plan{For: 8 * day, Window: 4 * day}, false, 2, 8 * day},
		{"past the retention", Plan{For: 14 * day, Window: day}, true, 0, 0},
		{"past the retention with what waits", Plan{For: 10 * day, Oldest: 4 * day, Window: day}, true, 0, 0},
		{"just before", Plan{For: 10 * day, Oldest: 4*day - time.Minute, Window: day}, false, 2, 10 * day},
	} {
		t.Run(tc.name, func(t *testing.T) {
			if err := tc.plan.Check(); (err != nil) != tc.refused {
				t.Fatalf("%v", err)
			} else if tc.refused {
				return
			}
			if got := tc.plan.Warnings(time.Unix(0, 0)); len(got) != tc.warnings {
				t.Errorf("%d warnings: %q", len(got), got)
			}
			if got := tc.plan.MutedFor(); got != tc.muted {
				t.Errorf("muted for %s", got)
			}
		})
	}
}
