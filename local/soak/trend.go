package soak

import (
	"fmt"
	"slices"
	"strings"
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

func (h holding) most(other holding) holding {
	for i := range h {
		h[i] = max(h[i], other[i])
	}
	return h
}

func (h holding) String() string {
	var parts []string
	for i, m := range metrics {
		if m.name == "bytes" {
			parts = append(parts, fmt.Sprintf("%.1f MB", float64(h[i])/(1<<20)))
			continue
		}
		parts = append(parts, fmt.Sprintf("%d %s", h[i], m.name))
	}
	return strings.Join(parts, ", ")
}

// tooMuch says what is over its bound. The race detector's memory is its own business.
func (h holding) tooMuch(name string, race bool) (faults []string) {
	for i, m := range metrics {
		if m.most > 0 && h[i] > m.most && !(race && m.name == "bytes") {
			faults = append(faults, fmt.Sprintf("%s held %d %s, more than %d", name, h[i], m.name, m.most))
		}
	}
	return faults
}

type sample struct {
	at time.Time
	holding
}

// trend is one process in the second half of the soak.
type trend struct {
	before, after holding // the medians of the two quarters
	samples       int     // in the quarter that has fewer
	total         int     // in both
}

func measure(samples []sample, half, end time.Time) (t trend) {
	middle := half.Add(end.Sub(half) / 2)
	var before, after []sample
	for _, s := range samples {
		switch {
		case s.at.Before(half) || s.at.After(end):
		case s.at.Before(middle):
			before = append(before, s)
		default:
			after = append(after, s)
		}
	}
	t.before, t.after = medians(before), medians(after)
	t.samples, t.total = min(len(before), len(after)), len(before)+len(after)
	return t
}

func medians(samples []sample) (h holding) {
	for i := range h {
		var values []int64
		for _, s := range samples {
			values = append(values, s.holding[i])
		}
		slices.Sort(values)
		if len(values) > 0 {
			h[i] = values[len(values)/2]
		}
	}
	return h
}

func (t trend) judged() bool { return t.samples >= fewest }

func (t trend) String() string {
	if !t.judged() {
		return fmt.Sprintf("growth not judged: a quarter with %d samples, and %d are needed", t.samples, fewest)
	}
	return fmt.Sprintf("%s, then %s", t.before, t.after)
}

// faults says what grew from the one quarter to the other.
func (t trend) faults(name string, race bool) (faults []string) {
	if !t.judged() {
		return nil
	}
	for i, m := range metrics {
		more := m.more
		if t.samples < short {
			more = m.moreWhenShort
		}
		before, after := t.before[i], t.after[i]
		if after > before+before/5+more && !(race && m.name == "bytes") {
			faults = append(faults, fmt.Sprintf("%s: grew from %d to %d %s", name, before, after, m.name))
		}
	}
	return faults
}
