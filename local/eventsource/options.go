package eventsource

import (
	"cmp"
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// SQS is the part of *sqs.Client that is used.
type SQS interface {
	ReceiveMessage(context.Context, *sqs.ReceiveMessageInput, ...func(*sqs.Options)) (*sqs.ReceiveMessageOutput, error)
	DeleteMessageBatch(context.Context, *sqs.DeleteMessageBatchInput, ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error)
}

// Options describe a mapping. SQS, Invoke, QueueURL and QueueARN are required; other zero values have Lambda's defaults.
type Options struct {
	SQS      SQS
	QueueURL string
	QueueARN string // ends in .fifo for a FIFO queue

	// Invoke runs the function, up to MaximumConcurrency times at once. Any error brings the whole batch back.
	Invoke func(ctx context.Context, event []byte) ([]byte, error)

	MaximumConcurrency int // invocations at once; 2

	// Observe is called after every invocation, when its messages have been deleted; Failed for every call to SQS that failed.
	// Both may be nil and must be safe for concurrent use.
	Observe func(Batch)
	Failed  func(error)
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

func (o Options) withDefaults() Options {
	o.MaximumConcurrency = cmp.Or(o.MaximumConcurrency, 2)
	return o
}

func (o Options) fifo() bool { return strings.HasSuffix(o.QueueARN, ".fifo") }

// region is the fourth part of an ARN, empty for anything else.
func (o Options) region() string {
	parts := strings.Split(o.QueueARN, ":")
	if len(parts) < 6 {
		return ""
	}
	return parts[3]
}
