package deadletters

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"helpcrunch-mark-read/ops/internal/disk"
)

// Purge deletes the chosen dead letters for good, after writing them to a file.
type Purge struct {
	Box     *Box
	Filter  Filter
	File    string                                       // JSON lines; created, and never written over
	DryRun  bool                                         // look only
	Confirm func(context.Context, Summary) (bool, error) // asked before every deletion
}

// Purged is what became of the chosen dead letters.
type Purged struct {
	Chosen Summary
	Done   int     // dead letters deleted
	Unseen Unseen  // what could not be looked at
	Failed []error // why chosen dead letters are left; at most a few
}

// Run works through the queue. Every round is confirmed, written and synced to the file, and then deleted, in this order: a stop
// at any time leaves each dead letter in the queue, in the file, or in both.
func (p *Purge) Run(ctx context.Context) (done Purged, err error) {
	var file *os.File // made when there is something to write
	defer func() {
		if file != nil {
			err = errors.Join(err, file.Close())
		}
	}()
	var round Summary
	done.Unseen, err = p.Box.rounds(ctx, func(l *DeadLetter) bool {
		if !p.Filter.Match(l) {
			return false
		}
		done.Chosen.Add(l)
		round.Add(l)
		return true
	}, func(deadLetters []*DeadLetter) (goOn bool, err error) {
		if p.DryRun {
			return true, nil
		}
		if yes, err := p.Confirm(ctx, round); err != nil || !yes {
			return false, err
		}
		round = Summary{}
		if file == nil {
			file, err = os.OpenFile(p.File, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
		}
		if err == nil {
			err = write(file, deadLetters)
		}
		if err != nil {
			what := "nothing"
			if done.Done > 0 {
				what = "nothing more"
			}
			return false, fmt.Errorf("%s was purged, because the file can't be written: %w", what, err)
		}
		return true, p.delete(ctx, deadLetters, &done)
	})
	return done, err
}

func (p *Purge) delete(ctx context.Context, deadLetters []*DeadLetter, done *Purged) error {
	for chunk := range slices.Chunk(deadLetters, 100) { // a stop is heeded between the chunks
		if ctx.Err() != nil {
			return ctx.Err()
		}
		failed := p.Box.Delete(context.WithoutCancel(ctx), ids(chunk))
		done.Done += len(chunk) - len(failed)
		for _, err := range failed {
			done.Failed = reason(done.Failed, err)
		}
		p.Box.Progress("purged", done.Done, done.Chosen.Count)
	}
	return nil
}

// write appends the dead letters and waits until the disk has them, and the folder the file's name.
func write(file *os.File, deadLetters []*DeadLetter) error {
	encoder := json.NewEncoder(file)
	encoder.SetEscapeHTML(false)
	for _, l := range deadLetters {
		if err := encoder.Encode(Complete(l)); err != nil {
			return err
		}
	}
	return errors.Join(file.Sync(), disk.SyncFolder(file.Name()))
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
