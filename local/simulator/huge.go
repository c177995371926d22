package simulator

import (
	"bytes"
	"compress/gzip"
	"math"
	"net/http"
)

// chunk is how much of a huge body is written at a time, unpacked.
const chunk = 1 << 20

// endless sends a JSON string that does not end before the client does, or before the fault's size.
func endless(s *Simulator, w http.ResponseWriter, r *http.Request, c *call, f Fault) {
	filling := bytes.Repeat([]byte("x"), chunk)
	opening := copy(filling, `{"lastMessageText":"`)
	s.sendHuge(w, r, c, f, math.MaxInt64, func(size int64) []byte {
		body := bytes.Clone(filling[:size])
		copy(filling[:opening], filling[opening:]) // it stands in the first chunk only
		return body
	})
}

// gzipBomb sends white space packed by gzip, member by member, which unpacks as one stream: 1 GiB unless the fault says.
func gzipBomb(s *Simulator, w http.ResponseWriter, r *http.Request, c *call, f Fault) {
	w.Header().Set("Content-Encoding", "gzip")
	whole := pack(chunk)
	s.sendHuge(w, r, c, f, 1<<30, func(size int64) []byte {
		if size < chunk {
			return pack(size)
		}
		return whole
	})
}

// sendHuge sends chunk after chunk until the fault's size, or the usual one, is reached or nobody reads any more.
func (s *Simulator) sendHuge(w http.ResponseWriter, r *http.Request, c *call, f Fault, usual int64, next func(size int64) []byte) {
	status := statusOr(f, http.StatusOK)
	if success(status) {
		s.make(c)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	if f.Size > 0 {
		usual = f.Size
	}
	for left := usual; left > 0 && r.Context().Err() == nil; left -= chunk {
		if _, err := w.Write(next(min(left, chunk))); err != nil {
			return
		}
	}
}

func pack(size int64) []byte {
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	_, _ = writer.Write(bytes.Repeat([]byte(" "), int(size))) // writing to memory does not fail
	_ = writer.Close()
	return packed.Bytes()
}
