package soak

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// process is one environment of a function.
type process struct {
	function string
	pid      int
}

// growth is what the functions' processes held, by process. Where /proc is not there, it stays empty.
type growth map[process][]sample

func (s *soak) watchGrowth(ctx context.Context) {
	for wait(ctx, time.Second) {
		for _, p := range s.living() {
			if held, ok := look(p.pid); ok {
				s.growth[p] = append(s.growth[p], held)
			}
		}
	}
}

func (s *soak) living() (list []process) {
	for _, pid := range s.HTTP.Processes() {
		list = append(list, process{"http", pid})
	}
	for _, pid := range s.Queue.Processes() {
		list = append(list, process{"queue", pid})
	}
	return list
}

// look is false when the process has just ended.
func look(pid int) (s sample, ok bool) {
	proc := fmt.Sprintf("/proc/%d/", pid)
	s.at = time.Now()
	var size int64
	statm, _ := os.ReadFile(proc + "statm")
	_, _ = fmt.Sscan(string(statm), &size, &s.holding[0]) // in pages
	s.holding[0] *= int64(os.Getpagesize())
	open, _ := filepath.Glob(proc + "fd/*")
	for _, descriptor := range open {
		if target, _ := os.Readlink(descriptor); strings.HasPrefix(target, "socket:") {
			s.holding[1]++
		}
	}
	threads, err := os.ReadDir(proc + "task")
	s.holding[2] = int64(len(threads))
	return s, err == nil && s.holding[0] > 0
}

// reportGrowth prints what the processes held, and reports what is too much. From half to end nobody killed them: one that
// has ended has done so by itself.
func (s *soak) reportGrowth(half, end time.Time) {
	living := s.living()
	for p, samples := range s.growth {
		name, t := fmt.Sprintf("functions/%s, process %d", p.function, p.pid), measure(samples, half, end)
		for _, fault := range t.faults(name, raced()) {
			s.Broken("%s", fault)
		}
		if samples[len(samples)-1].at.Before(half) {
			continue // killed in the first half
		}
		fmt.Printf("%s: %s\n", name, t)
		if !slices.Contains(living, p) {
			s.Broken("%s: ended by itself", name)
		}
	}
}
