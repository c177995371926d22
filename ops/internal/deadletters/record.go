package deadletters

import (
	"encoding/json"
	"os"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"helpcrunch-mark-read/ops/internal/disk"
)

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
