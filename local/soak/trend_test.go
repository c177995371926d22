package soak

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// metrics are what a process may not grow in. What it holds goes up and down with what is broken just then, so that only the
// medians of two quarters are compared, with room for chance: a fifth and this much more. One huge answer leaves the heap
// some 6 MB larger until the garbage collector has run twice, which can be most of a quarter that is short.
var metrics = [...]struct {
	name                string
	more, moreWhenShort int64
	most                int64 // whatever happens; 0: not bounded
}{
	{"bytes", 2 << 20, 8 << 20, 48 << 20},
	{"sockets", 8, 8, 64},
	{"threads", 3, 3, 0},
}

const (
	short  = 300 // samples in a quarter
	fewest = 20  // samples in a quarter: the median of less says nothing
)

// holding is what a process holds, by metric.
type holding [len(metrics)]int64

func (h holding) String() string {
	return fmt.Sprintf("%.1f MB, %d sockets, %d threads", float64(h[0])/(1<<20), h[1], h[2])
}

type sample struct {
	at time.Time
	holding
}

// trend is what a process held: at most, and in the median of the third and of the last quarter of the soak.
type trend struct {
	most, third, last holding
	samples           int // in the quarter that has fewer
}

func measure(samples []sample, half, end time.Time) (t trend) {
	middle := half.Add(end.Sub(half) / 2)
	var third, last []sample
	for _, s := range samples {
		for i := range metrics {
			t.most[i] = max(t.most[i], s.holding[i])
		}
		switch {
		case s.at.Before(half) || s.at.After(end):
		case s.at.Before(middle):
			third = append(third, s)
		default:
			last = append(last, s)
		}
	}
	t.third, t.last, t.samples = medians(third), medians(last), min(len(third), len(last))
	return t
}

func medians(samples []sample) (h holding) {
	for i := range h {
		slices.SortFunc(samples, func(a, b sample) int { return int(a.holding[i] - b.holding[i]) })
		if len(samples) > 0 {
			h[i] = samples[len(samples)/2].holding[i]
		}
	}
	return h
}

func (t trend) String() string {
	if t.samples < fewest {
		return fmt.Sprintf("at most %s (growth not judged: a quarter with %d samples, and %d are needed)", t.most, t.samples, fewest)
	}
	return fmt.Sprintf("at most %s; usually %s, then %s", t.most, t.third, t.last)
}

// faults says what is too much, and what grew from the one quarter to the other. The race detector's memory is its own
// business.
func (t trend) faults(name string, race bool) (faults []string) {
	for i, m := range metrics {
		more := m.more
		if t.samples < short {
			more = m.moreWhenShort
		}
		switch {
		case race && m.name == "bytes":
		case m.most > 0 && t.most[i] > m.most:
			faults = append(faults, fmt.Sprintf("%s: held %d %s, more than %d", name, t.most[i], m.name, m.most))
		case t.samples >= fewest && t.last[i] > t.third[i]+t.third[i]/5+more:
			faults = append(faults, fmt.Sprintf("%s: grew from %d to %d %s", name, t.third[i], t.last[i], m.name))
		}
	}
	return faults
}

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
