// Package bench measures the two functions beside the smallest ones that aws-lambda-go allows and beside the pattern that
// samples show. What stands around them (the Runtime API, HelpCrunch, Secrets Manager) answers with bytes prepared
// beforehand and allocates nothing in between, so that in-process counts are the functions' own.
package bench

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"strconv"
)

// message is one HTTP/1.1 request as far as the fakes need it. Its fields are valid until the next read.
type message struct {
	isGet bool
	body  []byte
}

// messageReader reads requests one after another into one buffer.
type messageReader struct {
	in   *bufio.Reader
	body []byte
}

func newMessageReader(in io.Reader) *messageReader {
	return &messageReader{in: bufio.NewReaderSize(in, 64<<10)}
}

// next reads one request, with a body of known length or in chunks. Its error ends the connection.
func (r *messageReader) next() (message, error) {
	line, err := r.line()
	if err != nil {
		return message{}, err
	}
	m := message{isGet: bytes.HasPrefix(line, []byte("GET "))}
	length, chunked := 0, false
	for {
		line, err := r.line()
		if err != nil {
			return message{}, err
		}
		if len(line) == 0 {
			break
		}
		name, value, _ := bytes.Cut(line, []byte(":"))
		value = bytes.TrimSpace(value)
		switch {
		case bytes.EqualFold(name, []byte("Content-Length")):
			length = decimal(value)
		case bytes.EqualFold(name, []byte("Transfer-Encoding")):
			chunked = bytes.Equal(value, []byte("chunked"))
		}
	}
	r.body = r.body[:0]
	if chunked {
		err = r.chunks()
	} else {
		err = r.take(length)
	}
	m.body = r.body
	return m, err
}

// line reads to the end of a line and leaves out the end.
func (r *messageReader) line() ([]byte, error) {
	line, err := r.in.ReadSlice('\n')
	return bytes.TrimRight(line, "\r\n"), err
}

func (r *messageReader) chunks() error {
	for {
		line, err := r.line()
		if err != nil {
			return err
		}
		size, err := hexadecimal(line)
		if err != nil {
			return err
		}
		if size == 0 {
			return r.trailer()
		}
		if err := r.take(size); err != nil {
			return err
		}
		if _, err := r.line(); err != nil {
			return err
		}
	}
}

func (r *messageReader) trailer() error {
	for {
		if line, err := r.line(); err != nil || len(line) == 0 {
			return err
		}
	}
}

// take appends so many bytes to the body; the buffer grows to the largest body there is and stays.
func (r *messageReader) take(n int) error {
	start := len(r.body)
	for cap(r.body) < start+n {
		r.body = append(r.body[:cap(r.body)], 0)
	}
	r.body = r.body[:start+n]
	_, err := io.ReadFull(r.in, r.body[start:])
	return err
}

func decimal(digits []byte) int {
	n := 0
	for _, d := range digits {
		n = n*10 + int(d-'0')
	}
	return n
}

func hexadecimal(digits []byte) (int, error) {
	n := 0
	for _, d := range digits {
		switch {
		case '0' <= d && d <= '9':
			n = n*16 + int(d-'0')
		case 'a' <= d && d <= 'f':
			n = n*16 + int(d-'a') + 10
		default:
			return 0, fmt.Errorf("%q is no chunk size", digits)
		}
	}
	return n, nil
}

// response is a whole HTTP/1.1 response as bytes. The extra headers are lines without their ends.
func response(status string, body []byte, headers ...string) []byte {
	b := append([]byte(nil), "HTTP/1.1 "+status+"\r\nContent-Length: "+strconv.Itoa(len(body))+"\r\n"...)
	for _, header := range headers {
		b = append(b, header+"\r\n"...)
	}
	b = append(b, "\r\n"...)
	return append(b, body...)
}
