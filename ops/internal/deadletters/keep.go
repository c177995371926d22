package deadletters

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/aws/smithy-go"

	"helpcrunch-mark-read/ops/internal/sqsbatch"
)

// errBack is for a dead letter that is not out any more: what was to be done with it is left to the next run.
var errBack = errors.New("the dead letter went back to the queue before its turn came")

// keepOut prolongs the dead letters that are out until ctx ends.
func (b *Box) keepOut(ctx context.Context) {
	defer close(b.stopped)
	ticker := time.NewTicker(keepEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
			b.change(ctx, b.ids(func(h *hold) bool { return h.left() < Visibility/2+keepEvery }), Visibility)
		}
	}
}

// change sets the visibility timeout of dead letters that are out; 0 puts them back. If SQS refuses that for
// a dead letter, it counts as out no more; after any other failure it counts as out for as long as SQS last promised.
func (b *Box) change(ctx context.Context, ids []string, timeout time.Duration) {
	var running sync.WaitGroup
	slots := make(chan struct{}, parallel)
	for chunk := range slices.Chunk(ids, sqsbatch.Most) {
		slots <- struct{}{}
		running.Go(func() {
			defer func() { <-slots }()
			b.changeBatch(ctx, chunk, timeout)
		})
	}
	running.Wait()
}

func (b *Box) changeBatch(ctx context.Context, ids []string, timeout time.Duration) {
	ids, receipts := b.receipts(ids)
	until := now().Add(timeout)
	results := sqsbatch.ChangeVisibility(ctx, b.api, b.url, receipts, timeout)
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, err := range results {
		h, ok := b.out[ids[i]]
		if !ok || h.receipt != receipts[i] {
			continue // deleted, or received again, meanwhile
		}
		refused, _ := errors.AsType[*smithy.GenericAPIError](err)
		switch {
		case err == nil && timeout > 0:
			h.until = until
		case err == nil, refused != nil && refused.Fault == smithy.FaultClient, h.left() <= 0:
			delete(b.out, ids[i])
		}
	}
}

// receipts returns those of the dead letters that are out, with their receipt handles.
func (b *Box) receipts(ids []string) (out, receipts []string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, id := range ids {
		if h, ok := b.out[id]; ok {
			out, receipts = append(out, id), append(receipts, h.receipt)
		}
	}
	return out, receipts
}

// Delete deletes dead letters for good, in this order, and returns those for which that failed or is not known.
func (b *Box) Delete(ctx context.Context, ids []string) map[string]error {
	failed := map[string]error{}
	for chunk := range slices.Chunk(ids, sqsbatch.Most) {
		for _, id := range chunk {
			failed[id] = errBack
		}
		out, receipts := b.receipts(chunk)
		results := sqsbatch.Delete(ctx, b.api, b.url, receipts)
		b.mu.Lock()
		for i, err := range results {
			failed[out[i]] = err
			if err == nil {
				delete(failed, out[i])
				delete(b.out, out[i])
			}
		}
		b.mu.Unlock()
	}
	return failed
}

// now is the wall clock: while a laptop sleeps the monotonic clock stands still, but SQS's visibility timeout runs on.
func now() time.Time { return time.Now().Round(0) }

// left is how long a dead letter is still out. An end that is further away than SQS was ever asked for says that the clock was
// set back: nothing is known then, so nothing is left.
func (h *hold) left() time.Duration {
	if left := h.until.Sub(now()); left <= Visibility {
		return left
	}
	return 0
}
