package soak

import (
	"strings"
	"testing"
	"time"
)

var moment = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func TestWhatHasGrown(t *testing.T) {
	usual := holding{14 << 20, 12, 8}
	for _, tc := range []struct {
		name          string
		before, after holding
		samples       int // in each quarter
		race          bool
		fault         string // part of it; empty for none
	}{
		{"steady", usual, usual, 300, false, ""},
		{"shrunk", usual, holding{10 << 20, 2, 4}, 300, false, ""},
		{"within the bounds", usual, holding{18 << 20, 22, 12}, 300, false, ""},
		{"memory", usual, holding{19 << 20, 12, 8}, 300, false, "bytes"},
		{"sockets", usual, holding{14 << 20, 23, 8}, 300, false, "sockets"},
		{"threads", usual, holding{14 << 20, 12, 13}, 300, false, "threads"},
		{"memory under the race detector", usual, holding{99 << 20, 12, 8}, 300, true, ""},
		{"sockets under the race detector", usual, holding{99 << 20, 99, 8}, 300, true, "sockets"},
		{"a huge answer in a short soak", usual, holding{24 << 20, 12, 8}, 60, false, ""},
		{"memory in a short soak", usual, holding{25 << 20, 12, 8}, 60, false, "bytes"},
		{"too few samples", usual, holding{47 << 20, 63, 99}, fewest - 1, false, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			half, quarter := moment, time.Duration(tc.samples)*time.Second
			samples := []sample{{half.Add(-time.Second), holding{47 << 20, 63, 99}}, {half.Add(2*quarter + time.Second), holding{47 << 20, 63, 99}}}
			for i := range tc.samples {
				at := half.Add(time.Duration(i) * time.Second)
				samples = append(samples, sample{at, tc.before}, sample{at.Add(quarter), tc.after})
			}
			samples[3].holding = holding{45 << 20, 60, 8} // once is no growth
			trend := measure(samples, half, half.Add(2*quarter))
			faults := strings.Join(trend.faults("p", tc.race), "\n")
			if (faults == "") != (tc.fault == "") || !strings.Contains(faults, tc.fault) {
				t.Errorf("faults %q, want %q", faults, tc.fault)
			}
			if judged := !strings.Contains(trend.String(), "not judged"); judged != (tc.samples >= fewest) {
				t.Errorf("printed %q", trend)
			}
		})
	}
}

func TestWhatIsTooMuch(t *testing.T) {
	for _, tc := range []struct {
		name  string
		held  holding
		race  bool
		fault string // part of it; empty for none
	}{
		{"usual", holding{14 << 20, 12, 8}, false, ""},
		{"at the bounds", holding{48 << 20, 64, 99}, false, ""},
		{"one socket more", holding{14 << 20, 65, 8}, false, "65 sockets"},
		{"memory", holding{49 << 20, 12, 8}, false, "bytes"},
		{"memory under the race detector", holding{99 << 20, 12, 8}, true, ""},
	} {
		t.Run(tc.name, func(t *testing.T) {
			trend := measure([]sample{{moment, holding{1, 1, 1}}, {moment, tc.held}, {moment, holding{1, 1, 1}}}, moment.Add(time.Hour), moment.Add(2*time.Hour))
			faults := strings.Join(trend.faults("p", tc.race), "\n")
			if (faults == "") != (tc.fault == "") || !strings.Contains(faults, tc.fault) {
				t.Errorf("faults %q, want %q", faults, tc.fault)
			}
		})
	}
}
