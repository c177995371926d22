package simulator

import (
	"bytes"
	"compress/gzip"
	"io"
	"math"
	"net/http"
)

// chunk is how much of a huge body is written at a time, unpacked.
const chunk = 1 << 20

// endless sends a JSON string that does not end before the client does, or before the fault's size.
func endless(s *Simulator, w http.ResponseWriter, r *http.Request, c *call, f Fault) {
	s.startHuge(w, c, f)
	size := int64(math.MaxInt64)
	if f.Size > 0 {
		size = f.Size
	}
	opening := []byte(`{"lastMessageText":"`)
	_, _ = w.Write(opening[:min(int64(len(opening)), size)])
	filling := bytes.Repeat([]byte("x"), chunk)
	for left := size - int64(len(opening)); left > 0; left -= chunk {
		if !send(w, r, filling[:min(left, chunk)]) {
			return
		}
	}
}

// gzipBomb sends white space packed by gzip, member by member, which unpacks as one stream: 1 GiB unless the fault says.
func gzipBomb(s *Simulator, w http.ResponseWriter, r *http.Request, c *call, f Fault) {
	w.Header().Set("Content-Encoding", "gzip")
	s.startHuge(w, c, f)
	size := int64(1 << 30)
	if f.Size > 0 {
		size = f.Size
	}
	whole := pack(chunk)
	for left := size; left > 0; left -= chunk {
		member := whole
		if left < chunk {
			member = pack(left)
		}
		if !send(w, r, member) {
			return
		}
	}
}

func (s *Simulator) startHuge(w http.ResponseWriter, c *call, f Fault) {
	status := statusOr(f, http.StatusOK)
	if success(status) {
		s.make(c)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
}

// send says whether there is still somebody to send to.
func send(w io.Writer, r *http.Request, body []byte) bool {
	if r.Context().Err() != nil {
		return false
	}
	_, err := w.Write(body)
	return err == nil
}

func pack(size int64) []byte {
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	_, _ = writer.Write(bytes.Repeat([]byte(" "), int(size))) // writing to memory does not fail
	_ = writer.Close()
	return packed.Bytes()
}
