package simulator

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"io"
	"math"
	"net/http"
	"strings"
)

// chunk is how much of a gzip bomb is packed at a time.
const chunk = 1 << 20

// endless sends a JSON string that does not end before the client does, or before the fault's size.
func (c *call) endless() {
	c.beginHuge()
	body := io.MultiReader(strings.NewReader(`{"lastMessageText":"`), filling('x'))
	_, _ = io.CopyN(c.w, body, cmp.Or(c.fault.Size, math.MaxInt64)) // until nobody reads any more
}

// gzipBomb sends white space packed by gzip, member by member, which unpacks as one stream: 1 GiB unless the fault says.
func (c *call) gzipBomb() {
	c.w.Header().Set("Content-Encoding", "gzip")
	c.beginHuge()
	whole, size := pack(chunk), cmp.Or(c.fault.Size, 1<<30)
	for ; size >= chunk; size -= chunk {
		if _, err := c.w.Write(whole); err != nil {
			return
		}
	}
	_, _ = c.w.Write(pack(size))
}

func (c *call) beginHuge() {
	status := cmp.Or(c.fault.Status, http.StatusOK)
	if success(status) {
		c.make()
	}
	c.w.Header().Set("Content-Type", "application/json")
	c.w.WriteHeader(status)
}

func pack(size int64) []byte {
	var packed bytes.Buffer
	writer := gzip.NewWriter(&packed)
	_, _ = io.CopyN(writer, filling(' '), size) // writing to memory does not fail
	_ = writer.Close()
	return packed.Bytes()
}

// filling is a reader of one byte without an end.
type filling byte

func (f filling) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = byte(f)
	}
	return len(p), nil
}
