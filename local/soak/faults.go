package main

import (
	"fmt"
	"io"
	"sync"
)

// faults are the broken promises. Each is told at once: an hour is a long time to wait for it. It is safe for concurrent use.
type faults struct {
	out io.Writer

	mu    sync.Mutex
	count int
}

// mostTold is how many are told: one mistake can break a promise a thousand times.
const mostTold = 50

func (f *faults) add(format string, values ...any) { f.addAll(fmt.Sprintf(format, values...)) }

// addAll leaves out empty texts.
func (f *faults) addAll(texts ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, text := range texts {
		if text == "" {
			continue
		}
		if f.count++; f.count <= mostTold {
			fmt.Fprintln(f.out, "broken:", text)
		}
	}
}

func (f *faults) total() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.count
}

func (f *faults) err() error {
	if n := f.total(); n > 0 {
		return fmt.Errorf("promises were broken %d times", n)
	}
	return nil
}
