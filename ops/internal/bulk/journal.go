package bulk

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"time"

	"helpcrunch-mark-read/ops/internal/disk"
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
