package key

import (
	"context"
	"time"

	"helpcrunch-mark-read/ops/internal/deadletters"
)

const (
	// lookEvery is how often the queue's numbers are read; SQS brings them up to date within about a minute.
	lookEvery = 5 * time.Second
	// emptyLooks is how many looks in a row must find nothing: the numbers are approximate.
	emptyLooks = 3
)

// Drain watches a queue until it is empty, ctx ends or the time is over, and returns the last numbers. Held marks count as in
// flight; each comes back by itself within 15 minutes.
func Drain(ctx context.Context, api deadletters.SQS, queueURL string, within time.Duration, show func(deadletters.Counts)) (deadletters.Counts, error) {
	end := time.After(within)
	empty := 0
	for {
		counts, err := deadletters.Count(ctx, api, queueURL)
		if err != nil {
			return counts, err
		}
		show(counts)
		if counts.Total() > 0 {
			empty = 0
		} else if empty++; empty == emptyLooks {
			return counts, nil
		}
		select {
		case <-ctx.Done():
			return counts, ctx.Err()
		case <-end:
			return counts, nil
		case <-time.After(lookEvery):
		}
	}
}
