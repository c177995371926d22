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
	Bounds int // how many of the marks have one
	Faulty int
	Faults []Fault // the first ones
	Broken bool    // the last fault hides the rest of the file
}

// Check reads a whole file. Its error is a *FormatError or the reader's.
func Check(r io.Reader, format Format) (Checked, error) {
	var c Checked
	hash := sha256.New()
	all := io.TeeReader(r, hash)
	err := scan(all, format, func(line int, m mark.Mark, fault error) error {
		if fault == nil {
			c.Marks++
			if m.AsOf.Set {
				c.Bounds++
			}
			return nil
		}
		c.Faulty++
		if len(c.Faults) < maxFaults {
			c.Faults = append(c.Faults, Fault{line, fault.Error()})
		}
		return nil
	})
	if errors.Is(err, ErrQuotes) {
		c.Broken = true
		_, err = io.Copy(io.Discard, all)
	}
	c.SHA256 = hex.EncodeToString(hash.Sum(nil))
	return c, err
}

// Spool copies what can be read only once to a temporary file, so that all of it can be checked before the first mark is sent.
// The function it returns closes and removes the file.
func Spool(r io.Reader) (*os.File, func() error, error) {
	file, err := os.CreateTemp("", "ops-send-*")
	if err != nil {
		return nil, nil, err
	}
	remove := func() error { return errors.Join(file.Close(), os.Remove(file.Name())) }
	if os.Remove(file.Name()) == nil { // an open file stays readable, so that a kill leaves nothing behind; not on Windows
		remove = file.Close
	}
	_, copying := io.Copy(file, r)
	_, seeking := file.Seek(0, io.SeekStart)
	if err := errors.Join(copying, seeking); err != nil {
		return nil, nil, errors.Join(err, remove())
	}
	return file, remove, nil
}
