package soak

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"helpcrunch-mark-read/local/lambda"
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
	s.at = time.Now()
	status, _ := os.ReadFile(proc + "status")
	for line := range strings.Lines(string(status)) {
		name, value, _ := strings.Cut(line, ":")
		number, _ := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(value), " kB"), 10, 64)
		switch name {
		case "VmRSS":
			s.holding[0] = number << 10
		case "Threads":
			s.holding[2] = number
		}
	}
	open, err := filepath.Glob(proc + "fd/*")
	for _, descriptor := range open {
		if target, _ := os.Readlink(descriptor); strings.HasPrefix(target, "socket:") {
			s.holding[1]++
		}
	}
	return s, err == nil && s.holding[0] > 0
}

// report prints what the processes held, and returns what grew too far. From half to end nobody killed them: one that has
// ended has done so by itself.
func (g *growth) report(half, end time.Time, race bool) (faults []string) {
	living := g.living()
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
		fmt.Printf("functions/%s: at most %s\n", name, most[name])
		faults = append(faults, most[name].tooMuch("functions/"+name, race)...)
	}
	return faults
}
