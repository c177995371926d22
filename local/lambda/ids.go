package lambda

import (
	"crypto/rand"
	"fmt"
	"time"

	smithyrand "github.com/aws/smithy-go/rand"
)

// newUUID returns a random (version 4) UUID, the form of Lambda's request ids.
func newUUID() string {
	id, _ := smithyrand.NewUUID(rand.Reader).GetUUID() // its reader never fails
	return id
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
