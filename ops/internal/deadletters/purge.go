package deadletters

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"helpcrunch-mark-read/ops/internal/disk"
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
	done.Unseen.Chats = []string{} // for machines
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
	deadLetters, err = p.Box.collect(ctx, func(l *DeadLetter) bool {
		p.Progress("dead letters looked at", all.Count, 0)
		chosen := p.Filter.Match(l)
		if chosen {
			all.Add(l)
			round.Add(l)
		}
		return chosen
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

// record is the file of what is purged. It is made when there is something to write.
type record struct {
	path string
	file *os.File
}

// write appends the dead letters and waits until the disk has them, and the folder the file's name.
func (r *record) write(deadLetters []*DeadLetter) error {
	if r.file == nil {
		file, err := os.OpenFile(r.path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		if err != nil {
			return err
		}
		r.file = file
	}
	encoder := json.NewEncoder(r.file)
	encoder.SetEscapeHTML(false)
	for _, l := range deadLetters {
		if err := encoder.Encode(Complete(l)); err != nil {
			return err
		}
	}
	if err := r.file.Sync(); err != nil {
		return err
	}
	return disk.SyncFolder(r.path)
}

func (r *record) close() error {
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}

// Full is a dead letter with all that SQS keeps of it, for machines.
type Full struct {
	ID             string               `json:"messageId"`
	Group          string               `json:"messageGroupId,omitempty"`
	DeadLetteredAt time.Time            `json:"died"`
	Body           string               `json:"body"`
	Attributes     map[string]Attribute `json:"messageAttributes"`
}

// Attribute is a message attribute; of the two values one is set.
type Attribute struct {
	DataType string  `json:"dataType"`
	String   *string `json:"stringValue,omitempty"`
	Binary   []byte  `json:"binaryValue,omitempty"` // base64 in JSON
}

// Complete returns a dead letter with all that SQS keeps of it.
func Complete(l *DeadLetter) Full {
	f := Full{ID: l.ID, Group: l.Group, DeadLetteredAt: l.DeadLetteredAt, Body: l.Body, Attributes: make(map[string]Attribute, len(l.Attributes))}
	for name, v := range l.Attributes {
		f.Attributes[name] = Attribute{DataType: aws.ToString(v.DataType), String: v.StringValue, Binary: v.BinaryValue}
	}
	return f
}
