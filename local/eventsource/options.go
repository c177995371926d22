package eventsource

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// Options describe a mapping. All but Observe are required.
type Options struct {
	SQS      *sqs.Client
	QueueURL string
	QueueARN string // ends in .fifo for a FIFO queue

	// Invoke runs the function, up to MaximumConcurrency times at once. Any error brings the whole batch back.
	Invoke func(ctx context.Context, event []byte) ([]byte, error)

	MaximumConcurrency int // invocations at once

	// Observe is called after every invocation, when its messages have been deleted. It must be safe for concurrent use.
	Observe func(Batch)
}

// Batch is one invocation and what came of it.
type Batch struct {
	MessageIDs []string
	Event      []byte   // the invocation's payload
	Returned   []string // visible again at the end of their visibility timeout
	Err        error    // why all of them return; nil when the function reported which
	Started    time.Time
	Took       time.Duration // of the invocation
}

const (
	batchSize = 10      // messages an event, and a call to SQS, at most
	maxEvent  = 6 << 20 // bytes of an invocation's payload
)

func (o Options) fifo() bool { return strings.HasSuffix(o.QueueARN, ".fifo") }
