package bulk

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"

	"helpcrunch-mark-read/shared/mark"
)

// maxFaults is how many faulty lines are remembered; all are counted.
const maxFaults = 1000

// Fault is an invalid line.
type Fault struct {
	Line   int    `json:"line"`
	Reason string `json:"reason"` // shows nothing of the line
}

// Checked is what is known of a file before anything of it is sent.
type Checked struct {
	SHA256 string // of the whole content, in hex
	Marks  int
	Faulty int
	Faults []Fault // the first ones
}

// Check reads a whole file. Its error is a *HeaderError or the reader's.
func Check(r io.Reader, format Format) (Checked, error) {
	var c Checked
	hash := sha256.New()
	err := scan(io.TeeReader(r, hash), format, func(line int, _ mark.Mark, fault error) error {
		if fault == nil {
			c.Marks++
			return nil
		}
		c.Faulty++
		if len(c.Faults) < maxFaults {
			c.Faults = append(c.Faults, Fault{line, fault.Error()})
		}
		return nil
	})
	c.SHA256 = hex.EncodeToString(hash.Sum(nil))
	return c, err
}

// Spool copies what can be read only once to a file that has no name any more when it is closed, so that all of it can be
// checked before the first mark is sent.
func Spool(r io.Reader) (*os.File, error) {
	file, err := os.CreateTemp("", "ops-send-*")
	if err != nil {
		return nil, err
	}
	removing := os.Remove(file.Name()) // the open file stays readable
	_, copying := io.Copy(file, r)
	_, seeking := file.Seek(0, io.SeekStart)
	if err := errors.Join(removing, copying, seeking); err != nil {
		return nil, errors.Join(err, file.Close())
	}
	return file, nil
}
