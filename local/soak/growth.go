package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"runtime"
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
	relaxed   bool // the race detector needs many times the memory

	mu          sync.Mutex
	resident    map[string]int64
	descriptors map[string]int
}

func (g *growth) watch(ctx context.Context) {
	g.resident, g.descriptors = map[string]int64{}, map[string]int{}
	for wait(ctx, time.Second) {
		for name, f := range g.functions {
			for _, e := range f.Environments() {
				g.look(name, e.PID)
			}
		}
	}
}

func (g *growth) look(name string, pid int) {
	proc := fmt.Sprintf("/proc/%d/", pid)
	statm, _ := os.ReadFile(proc + "statm") // gone when the process has just ended
	open, _ := os.ReadDir(proc + "fd")
	var pages int64
	if fields := strings.Fields(string(statm)); len(fields) > 1 {
		pages, _ = strconv.ParseInt(fields[1], 10, 64)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.resident[name] = max(g.resident[name], pages*int64(os.Getpagesize()))
	g.descriptors[name] = max(g.descriptors[name], len(open))
}

// err reports, and says what grew too far.
func (g *growth) err() error {
	g.mu.Lock()
	defer g.mu.Unlock()
	var faults []error
	for name := range g.functions {
		fmt.Printf("functions/%s: %.1f MB and %d file descriptors at most\n", name, float64(g.resident[name])/(1<<20), g.descriptors[name])
		if !g.relaxed && g.resident[name] > maxResident || g.descriptors[name] > maxDescriptors {
			faults = append(faults, fmt.Errorf("functions/%s grew too far", name))
		}
	}
	return errors.Join(faults...)
}

// leftOver waits until the stack's goroutines are gone and says if they do not go.
func leftOver(ctx context.Context, baseline int) error {
	const kept = 10 // idle connections of this program's own clients
	for runtime.NumGoroutine() > baseline+kept {
		if !wait(ctx, 100*time.Millisecond) {
			stacks := make([]byte, 1<<20)
			return fmt.Errorf("%d goroutines are left over\n%s", runtime.NumGoroutine()-baseline, stacks[:runtime.Stack(stacks, true)])
		}
	}
	return nil
}
