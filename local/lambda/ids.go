package lambda

import (
	"crypto/rand"
	"fmt"
	"time"
)

// newUUID returns a random (version 4) UUID, the form of Lambda's request ids.
func newUUID() string {
	b := random(16)
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// newTraceID returns an X-Ray trace header that nobody samples.
func newTraceID(now time.Time) string {
	return fmt.Sprintf("Root=1-%08x-%x;Parent=%x;Sampled=0", now.Unix(), random(12), random(8))
}

// newLogStream names an environment's log stream as Lambda does.
func newLogStream(now time.Time) string {
	return fmt.Sprintf("%s/[$LATEST]%x", now.UTC().Format("2006/01/02"), random(16))
}

func random(n int) []byte {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return b
}
