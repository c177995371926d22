package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"helpcrunch-mark-read/local/lambda"
)

// What one environment may grow to, whatever happens to it.
const (
	maxResident    = 48 << 20
	maxDescriptors = 120 // a hundred connections to HelpCrunch may be kept
)

type environments interface{ Environments() []lambda.Environment }

// growth watches what the functions' processes hold. Where /proc is not there, it sees nothing.
type growth struct {
	functions map[string]environments

	mu      sync.Mutex
	samples map[process][]sample
}

type process struct {
	function string
	pid      int
}

func (p process) String() string { return fmt.Sprintf("functions/%s, process %d", p.function, p.pid) }

func (p process) compare(other process) int {
	return cmp.Or(cmp.Compare(p.function, other.function), cmp.Compare(p.pid, other.pid))
}

func (g *growth) watch(ctx context.Context) {
	for wait(ctx, time.Second) {
		for _, p := range g.living() {
			if s, ok := look(p.pid); ok {
				g.mu.Lock()
				g.samples[p] = append(g.samples[p], s)
				g.mu.Unlock()
			}
		}
	}
}

func (g *growth) living() (list []process) {
	for name, f := range g.functions {
		for _, e := range f.Environments() {
			list = append(list, process{name, e.PID})
		}
	}
	return list
}

// look is false when the process has just ended.
func look(pid int) (s sample, ok bool) {
	proc := fmt.Sprintf("/proc/%d/", pid)
	status, _ := os.ReadFile(proc + "status")
	open, err := os.ReadDir(proc + "fd")
	s = sample{at: time.Now(), holding: holding{descriptors: len(open)}}
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		number, _ := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(value), " kB"))
		switch name {
		case "VmRSS":
			s.resident = int64(number) << 10
		case "Threads":
			s.threads = number
		}
	}
	return s, err == nil && s.resident > 0
}

// now is what the largest living process of each function holds.
func (g *growth) now() string {
	g.mu.Lock()
	defer g.mu.Unlock()
	largest := map[string]int64{}
	for _, p := range g.living() {
		if samples := g.samples[p]; len(samples) > 0 {
			largest[p.function] = max(largest[p.function], samples[len(samples)-1].resident)
		}
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(largest)) {
		parts = append(parts, fmt.Sprintf("%s %.1f MB", name, megabytes(largest[name])))
	}
	return strings.Join(parts, ", ")
}

// report says what the processes held, and what grew too far. From half to end nobody killed them: one that has ended has
// done so by itself. The race detector's memory is its own business.
func (g *growth) report(half, end time.Time, living []process, race bool) (faults []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	most := map[string]holding{}
	for _, p := range slices.SortedFunc(maps.Keys(g.samples), process.compare) {
		samples := g.samples[p]
		for _, s := range samples {
			most[p.function] = most[p.function].most(s.holding)
		}
		t := measure(samples, half, end)
		if t.total == 0 {
			continue
		}
		fmt.Printf("%s: %s\n", p, t)
		faults = append(faults, t.faults(p.String(), race)...)
		if !slices.Contains(living, p) {
			faults = append(faults, fmt.Sprintf("%s: ended by itself", p))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(most)) {
		m := most[name]
		fmt.Printf("functions/%s: at most %.1f MB, %d descriptors and %d threads\n", name, megabytes(m.resident), m.descriptors, m.threads)
		if !race && m.resident > maxResident || m.descriptors > maxDescriptors {
			faults = append(faults, fmt.Sprintf("functions/%s grew too far", name))
		}
	}
	return faults
}
