package account

import (
	"fmt"
	"io"
	"sync"
)

// broken are the broken promises. Each is reported at once: an hour is a long time to wait for it. It is safe for
// concurrent use.
type broken struct {
	out io.Writer

	mu    sync.Mutex
	count int
}

// mostReported is how many are reported: one mistake can break a promise a thousand times.
const mostReported = 50

// add leaves out empty texts.
func (b *broken) add(texts ...string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, text := range texts {
		if text == "" {
			continue
		}
		if b.count++; b.count <= mostReported {
			fmt.Fprintln(b.out, "broken:", text)
		}
	}
}

func (b *broken) total() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.count
}
