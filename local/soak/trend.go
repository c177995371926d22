package main

import (
	"fmt"
	"slices"
	"time"
)

// holding is what a process holds.
type holding struct {
	resident             int64 // bytes
	descriptors, threads int
}

func (h holding) most(other holding) holding {
	return holding{max(h.resident, other.resident), max(h.descriptors, other.descriptors), max(h.threads, other.threads)}
}

type sample struct {
	at time.Time
	holding
}

// How much more a process may hold in the last quarter than in the one before it: what it holds goes up and down with what
// is broken just then, so that only the medians are compared, with room for chance. One huge answer leaves the heap some
// 6 MB larger until the garbage collector has run twice, which can be most of a quarter that is short.
const (
	moreResident    = 2 << 20
	moreWhenShort   = 8 << 20
	short           = 300 // samples in a quarter
	moreDescriptors = 8
	moreThreads     = 3
	morePercent     = 20
	fewest          = 20 // samples in a quarter: the median of less says nothing
)

// trend is one process in the second half of the soak.
type trend struct {
	before, after, most holding // the medians of the two quarters, and the most of both
	samples             int     // in the quarter that has fewer
	total               int     // in both
}

func measure(samples []sample, half, end time.Time) (t trend) {
	middle := half.Add(end.Sub(half) / 2)
	var before, after []sample
	for _, s := range samples {
		switch {
		case s.at.Before(half) || s.at.After(end):
			continue
		case s.at.Before(middle):
			before = append(before, s)
		default:
			after = append(after, s)
		}
		t.most = t.most.most(s.holding)
	}
	t.before, t.after = medians(before), medians(after)
	t.samples, t.total = min(len(before), len(after)), len(before)+len(after)
	return t
}

func medians(samples []sample) (h holding) {
	if len(samples) == 0 {
		return h
	}
	h.resident = median(samples, func(s sample) int64 { return s.resident })
	h.descriptors = int(median(samples, func(s sample) int64 { return int64(s.descriptors) }))
	h.threads = int(median(samples, func(s sample) int64 { return int64(s.threads) }))
	return h
}

func median(samples []sample, of func(sample) int64) int64 {
	var values []int64
	for _, s := range samples {
		values = append(values, of(s))
	}
	slices.Sort(values)
	return values[len(values)/2]
}

func (t trend) judged() bool { return t.samples >= fewest }

func (t trend) String() string {
	if !t.judged() {
		return fmt.Sprintf("at most %.1f MB; growth not judged: a quarter with %d samples, and %d are needed", megabytes(t.most.resident), t.samples, fewest)
	}
	return fmt.Sprintf("%.1f MB then %.1f MB (at most %.1f), %d then %d descriptors (at most %d), %d then %d threads (at most %d)",
		megabytes(t.before.resident), megabytes(t.after.resident), megabytes(t.most.resident),
		t.before.descriptors, t.after.descriptors, t.most.descriptors, t.before.threads, t.after.threads, t.most.threads)
}

// faults says what grew from the one quarter to the other.
func (t trend) faults(name string, race bool) (faults []string) {
	if !t.judged() {
		return nil
	}
	resident := int64(moreResident)
	if t.samples < short {
		resident = moreWhenShort
	}
	for _, g := range []struct {
		what                string
		before, after, more int64
	}{
		{"bytes", t.before.resident, t.after.resident, resident},
		{"descriptors", int64(t.before.descriptors), int64(t.after.descriptors), moreDescriptors},
		{"threads", int64(t.before.threads), int64(t.after.threads), moreThreads},
	} {
		if race && g.what == "bytes" {
			continue
		}
		if g.after > g.before+g.before*morePercent/100+g.more {
			faults = append(faults, fmt.Sprintf("%s: grew from %d to %d %s", name, g.before, g.after, g.what))
		}
	}
	return faults
}

func megabytes(bytes int64) float64 { return float64(bytes) / (1 << 20) }
