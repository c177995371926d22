package bulk

import (
	"bufio"
	"bytes"
	"errors"
	"io"

	"helpcrunch-mark-read/shared/mark"
)

// errLong is for a line that can't be a mark for its length alone.
var errLong = errors.New("the line is larger than 64 KiB")

// scanLines reads JSON lines in bounded memory.
func scanLines(in *bufio.Reader, visit visitor) error {
	for number := 1; ; number++ {
		line, err := nextLine(in)
		switch {
		case errors.Is(err, io.EOF):
			return nil
		case err != nil && !errors.Is(err, errLong):
			return err
		case err == nil && len(bytes.TrimSpace(line)) == 0:
			continue
		}
		var m mark.Mark
		if err == nil {
			m, err = mark.ReadMessage(line)
		}
		if err := visit(number, m, err); err != nil {
			return err
		}
	}
}

// nextLine returns a line without its end, valid until the next call. A line that is too long is errLong, and the one after it
// can be read; io.EOF is the end.
func nextLine(in *bufio.Reader) ([]byte, error) {
	line, long, err := in.ReadLine()
	if err != nil || !long {
		return line, err
	}
	for long && err == nil {
		_, long, err = in.ReadLine()
	}
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, err
	}
	return nil, errLong
}
