package bulk

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/ops/internal/disk"
	"helpcrunch-mark-read/ops/internal/sqsbatch"
	"helpcrunch-mark-read/shared/mark"
)

// Journal is the progress file: how far the sending of one file to one queue has come.
type Journal struct {
	path string

	SHA256   string    `json:"sha256"` // of the file that is sent
	QueueURL string    `json:"queueUrl"`
	ID       string    `json:"id"`    // of this run: random, so that no other run's marks are taken for its own
	Marks    int       `json:"marks"` // in the file
	Sent     int       `json:"sent"`  // of these, the first so many are on the queue
	Updated  time.Time `json:"updated"`
}

// OtherFileError says that a progress file is about something else.
type OtherFileError struct{ Path, What string }

func (e *OtherFileError) Error() string {
	return fmt.Sprintf("the progress file %s is of another %s: finish that first, or remove the progress file, or name another with --progress", e.Path, e.What)
}

// OpenJournal reads a progress file, or begins one when there is none; with no path it is kept in memory, and all is sent. With
// again a file that was sent to its end is begun anew. Its error can be an *OtherFileError.
func OpenJournal(path string, c Checked, queueURL string, again bool) (*Journal, error) {
	j := &Journal{path: path, SHA256: c.SHA256, QueueURL: queueURL, ID: rand.Text(), Marks: c.Marks}
	if path == "" {
		return j, nil
	}
	content, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return j, j.save()
	}
	if err != nil {
		return nil, err
	}
	var old Journal
	if err := json.Unmarshal(content, &old); err != nil {
		return nil, fmt.Errorf("the progress file %s can't be read: %w", path, err)
	}
	switch {
	case old.SHA256 != c.SHA256:
		return nil, &OtherFileError{path, "file, or of this one before it was changed"}
	case old.QueueURL != queueURL:
		return nil, &OtherFileError{path, "queue"}
	}
	if old.Sent = min(old.Sent, j.Marks); again && old.Sent == j.Marks {
		return j, j.save()
	}
	j.Sent, j.Updated = old.Sent, old.Updated
	if old.ID == "" { // an older version of the command wrote it
		return j, j.save()
	}
	j.ID = old.ID
	return j, nil
}

// Done says whether all of the file is on the queue.
func (j *Journal) Done() bool { return j.Sent >= j.Marks }

// save replaces the file in one step.
func (j *Journal) save() error {
	if j.path == "" {
		return nil
	}
	j.Updated = time.Now().UTC()
	content, err := json.Marshal(j)
	if err != nil {
		return err
	}
	if err := disk.Replace(j.path, append(content, '\n')); err != nil {
		return fmt.Errorf("the progress file can't be written: %w", err)
	}
	return nil
}

var errChanged = errors.New("the file has changed while it was sent")

// Send puts the marks of the checked file on the journal's queue, in the file's order, from where the journal says. Lines that are
// invalid are left out. An error means that it ended before its time; the journal knows where.
//
// A mark's deduplication id is made of the run's id and the line, so that on a FIFO queue a batch that is sent again within
// five minutes, because a stop came before the journal was written, doubles nothing, and another run loses nothing.
func (j *Journal) Send(ctx context.Context, api *sqs.Client, file io.Reader, format Format, progress func(what string, done, outOf int)) error {
	skip := j.Sent
	var batch []item
	send := func() error {
		err := j.batch(ctx, api, batch)
		batch = batch[:0]
		progress("marks sent", j.Sent, j.Marks)
		return err
	}
	err := scan(file, format, func(line int, m mark.Mark, fault error) (err error) {
		switch {
		case fault != nil:
			return nil
		case skip > 0:
			skip--
			return nil
		case len(batch) == sqsbatch.Most || slices.ContainsFunc(batch, func(i item) bool { return i.mark.ID == m.ID }):
			err = send() // two marks of one chat never share a batch: if the first of them failed, the second would overtake it
		}
		batch = append(batch, item{line, m})
		return err
	})
	if err == nil {
		err = send()
	}
	if err == nil && j.Sent != j.Marks {
		return errChanged
	}
	return err
}

type item struct {
	line int
	mark mark.Mark
}

// batch sends up to ten marks and records how far it came: up to the first that failed, as the next run goes on there.
func (j *Journal) batch(ctx context.Context, api *sqs.Client, batch []item) error {
	if err := ctx.Err(); err != nil || len(batch) == 0 {
		return err
	}
	entries := make([]types.SendMessageBatchRequestEntry, len(batch))
	for i, it := range batch {
		entries[i] = j.entry(it)
	}
	_, results := sqsbatch.Send(context.WithoutCancel(ctx), api, j.QueueURL, entries)
	done := 0
	for done < len(results) && results[done] == nil {
		done++
	}
	j.Sent += done
	if err := j.save(); err != nil {
		return err
	}
	if done < len(results) {
		return fmt.Errorf("line %d could not be sent: %w", batch[done].line, results[done])
	}
	return nil
}

func (j *Journal) entry(it item) types.SendMessageBatchRequestEntry {
	entry := types.SendMessageBatchRequestEntry{MessageBody: aws.String(it.mark.Message())}
	if strings.HasSuffix(j.QueueURL, ".fifo") {
		entry.MessageGroupId = aws.String(strconv.FormatInt(it.mark.ID, 10))
		entry.MessageDeduplicationId = aws.String(fmt.Sprintf("send-%s-%d", j.ID, it.line))
	}
	return entry
}
