package deadletters

import (
	"context"
	"fmt"
)

// Purge deletes the chosen dead letters for good, after writing them to a file.
type Purge struct {
	Box      *Box
	Filter   Filter
	File     string                                       // JSON lines; created, and never written over
	DryRun   bool                                         // look only
	Confirm  func(context.Context, Summary) (bool, error) // asked before every deletion
	Progress func(what string, done, outOf int)
}

// Purged is what became of the chosen dead letters.
type Purged struct {
	Chosen Summary
	Done   int     // dead letters deleted
	Unseen Unseen  // what could not be looked at
	Failed []error // why chosen dead letters are left; at most a few
}

// Run works through the queue in rounds: a chat's eleventh dead letter of a FIFO queue shows only when the first ten are gone.
// Every round is confirmed, written and synced to the file, and then deleted, in this order: a stop at any time leaves
// each dead letter in the queue, in the file, or in both.
func (p *Purge) Run(ctx context.Context) (done Purged, err error) {
	file := &record{path: p.File}
	defer func() {
		if closing := file.close(); err == nil {
			err = closing
		}
	}()
	for {
		deadLetters, round, err := p.collect(ctx, &done.Chosen)
		if err != nil {
			return done, err
		}
		if len(deadLetters) > 0 && !p.DryRun {
			if yes, err := p.Confirm(ctx, round); err != nil || !yes {
				return done, err
			}
			if err := p.delete(ctx, file, deadLetters, &done); err != nil {
				return done, err
			}
		}
		if len(deadLetters) == 0 || p.Box.Beyond() {
			done.Unseen, err = p.Box.Unseen(ctx)
			return done, err
		}
	}
}

func (p *Purge) collect(ctx context.Context, all *Summary) (deadLetters []*DeadLetter, round Summary, err error) {
	room := roundBytes
	err = p.Box.Each(ctx, func(l *DeadLetter) bool {
		p.Progress("dead letters looked at", all.Count, 0)
		if !p.Filter.Match(l) {
			return false
		}
		all.Add(l)
		round.Add(l)
		deadLetters = append(deadLetters, l)
		room -= l.bytes()
		return room <= 0
	})
	return deadLetters, round, err
}

func (p *Purge) delete(ctx context.Context, file *record, deadLetters []*DeadLetter, done *Purged) error {
	if err := file.write(deadLetters); err != nil {
		return fmt.Errorf("nothing was purged, because the file can't be written: %w", err)
	}
	const step = 100 // a stop is heeded between the steps
	for start := 0; start < len(deadLetters); start += step {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		chunk := deadLetters[start:min(start+step, len(deadLetters))]
		ids := make([]string, len(chunk))
		for i, l := range chunk {
			ids[i] = l.ID
		}
		failed := p.Box.Delete(context.WithoutCancel(ctx), ids)
		done.Done += len(ids) - len(failed)
		for _, err := range failed {
			done.Failed = reason(done.Failed, err)
		}
		p.Progress("purged", done.Done, done.Chosen.Count)
	}
	return nil
}
