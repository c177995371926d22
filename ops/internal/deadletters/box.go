package deadletters

import (
	"context"
	"crypto/rand"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/ops/internal/sqsbatch"
)

const (
	// Visibility is how long a dead letter stays out of sight when the command is killed and can't put it back. It is short for
	// that reason, and prolonged while the command runs.
	Visibility    = 2 * time.Minute
	keepEvery     = 20 * time.Second // how often dead letters are looked through for those that must be kept out for longer
	margin        = 40 * time.Second // how long a dead letter must still be ours before something is done with it that takes time
	receiveWait   = 2 * time.Second  // the long poll: a short one asks a sample of SQS's servers and can find nothing where something is
	receiveWithin = 30 * time.Second // bounds a receive, the wait included
	parallel      = 8                // how many batch calls are made at once to prolong dead letters or put them back
)

// Box is the dead-letter queue with the dead letters that this command has out. It remembers of a dead letter only its ids and its
// receipt handle. One goroutine works with it; a second one, which the box starts, keeps out what is out.
type Box struct {
	Progress func(what string, done, outOf int) // called with how far the work is; outOf is 0 while it is not known

	api *sqs.Client
	url string

	mu  sync.Mutex       // guards out
	out map[string]*hold // by message id

	seen     map[string]struct{} // the ids of all dead letters that were ever visited
	tried    map[string]int      // by FIFO group: how many of it were out when deepen last put it back
	deepened int
	lost     int // receives whose answer was lost; each may have taken up to ten dead letters out of sight
	enough   int // how many dead letters a walk sees before it ends in any case; 0 until they are counted

	stop    context.CancelFunc
	stopped chan struct{}
}

// hold is one dead letter that is out.
type hold struct {
	receipt, group string
	until          time.Time
}

// Open starts work on a dead-letter queue; nothing is received yet. The box must be closed.
func Open(ctx context.Context, api *sqs.Client, queueURL string) *Box {
	silent := func(string, int, int) {}
	b := &Box{Progress: silent, api: api, url: queueURL, out: map[string]*hold{}, seen: map[string]struct{}{}, tried: map[string]int{}, stopped: make(chan struct{})}
	ctx, b.stop = context.WithCancel(context.WithoutCancel(ctx)) // a command that is being stopped still holds dead letters
	go b.keepOut(ctx)
	return b
}

// Close puts every dead letter back that is still out, also when ctx has ended, and returns how many that could not be done
// for; those come back by themselves within Visibility.
func (b *Box) Close(ctx context.Context) (left int) {
	b.stop()
	<-b.stopped
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), Visibility)
	defer cancel()
	b.change(ctx, b.ids(func(*hold) bool { return true }), 0)
	return b.holding()
}

// FIFO says whether the queue keeps the order of each group.
func (b *Box) FIFO() bool { return isFIFO(b.url) }

func isFIFO(queueURL string) bool { return strings.HasSuffix(queueURL, ".fifo") }

// receive takes out what SQS returns, at most ten dead letters. A stop waits for its end, because dead letters of an answer that
// nobody reads would stay out of sight.
func (b *Box) receive(ctx context.Context) ([]types.Message, error) {
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), receiveWithin)
	defer cancel()
	asked := now() // before the call: never later than SQS counts from
	input := &sqs.ReceiveMessageInput{
		QueueUrl:                    aws.String(b.url),
		MaxNumberOfMessages:         sqsbatch.Most,
		MessageAttributeNames:       []string{"All"},
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
		VisibilityTimeout:           int32(Visibility.Seconds()),
		WaitTimeSeconds:             int32(receiveWait.Seconds()),
	}
	if b.FIFO() { // so that the SDK's second try returns the messages of an answer that was lost, instead of leaving them out of sight
		input.ReceiveRequestAttemptId = aws.String("ops-" + rand.Text())
	}
	output, err := b.api.ReceiveMessage(ctx, input)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lost += lostAnswers(output.ResultMetadata)
	for _, m := range output.Messages {
		b.out[aws.ToString(m.MessageId)] = &hold{
			receipt: aws.ToString(m.ReceiptHandle),
			group:   m.Attributes[string(types.MessageSystemAttributeNameMessageGroupId)],
			until:   asked.Add(Visibility),
		}
	}
	return output.Messages, nil
}

// ids returns the dead letters that are out and chosen, sorted, so that a run can be repeated.
func (b *Box) ids(chosen func(*hold) bool) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	ids := slices.Sorted(maps.Keys(b.out))
	return slices.DeleteFunc(ids, func(id string) bool { return !chosen(b.out[id]) })
}

// groups counts how many dead letters of each group are out.
func (b *Box) groups() map[string]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	groups := map[string]int{}
	for _, h := range b.out {
		groups[h.group]++
	}
	return groups
}

func (b *Box) holding() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.out)
}

// Holds says whether a dead letter is out and stays so for long enough to do something with it.
func (b *Box) Holds(id string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	h, ok := b.out[id]
	return ok && h.left() > margin
}
