package deadletters

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/ops/internal/sqsbatch"
)

// Counts is what SQS says of a queue; it calls the numbers approximate.
type Counts struct {
	Visible, InFlight, Delayed int
	Retention                  time.Duration // how long the queue keeps a message
}

// Total is the number of all messages.
func (c Counts) Total() int { return c.Visible + c.InFlight + c.Delayed }

// Counts asks SQS how many dead letters there are; those that this box has out are in flight.
func (b *Box) Counts(ctx context.Context) (Counts, error) { return Count(ctx, b.api, b.url) }

// Counter is the part of SQS that Count needs.
type Counter interface {
	GetQueueAttributes(context.Context, *sqs.GetQueueAttributesInput, ...func(*sqs.Options)) (*sqs.GetQueueAttributesOutput, error)
}

// Count asks SQS how many messages a queue has.
func Count(ctx context.Context, api Counter, queueURL string) (Counts, error) {
	visible, inFlight := types.QueueAttributeNameApproximateNumberOfMessages, types.QueueAttributeNameApproximateNumberOfMessagesNotVisible
	delayed, retention := types.QueueAttributeNameApproximateNumberOfMessagesDelayed, types.QueueAttributeNameMessageRetentionPeriod
	output, err := api.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: aws.String(queueURL), AttributeNames: []types.QueueAttributeName{visible, inFlight, delayed, retention},
	})
	if err != nil {
		return Counts{}, err
	}
	number := func(name types.QueueAttributeName) int {
		n, _ := strconv.Atoi(output.Attributes[string(name)])
		return n
	}
	return Counts{number(visible), number(inFlight), number(delayed), time.Duration(number(retention)) * time.Second}, nil
}

// Unseen says what a walk could not show.
type Unseen struct {
	Behind    int      // about how many dead letters SQS did not give out
	Chats     []string // groups of which as many are out as SQS returns: dead letters may lie behind theirs
	Elsewhere int      // about how many are out, but not with this command
	Lost      int      // how many of SQS's answers to this command were lost on the way: up to ten each are out for that reason
}

// Unseen asks SQS what is left after a walk.
func (b *Box) Unseen(ctx context.Context) (Unseen, error) {
	counts, err := b.Counts(ctx)
	if err != nil {
		return Unseen{}, err
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	u := Unseen{Behind: counts.Visible, Elsewhere: max(0, counts.InFlight-len(b.out)), Lost: b.lost}
	if u.Behind == 0 {
		return u, nil
	}
	for name, g := range b.groups {
		if g.out >= sqsbatch.Most {
			u.Chats = append(u.Chats, name)
		}
	}
	slices.SortFunc(u.Chats, func(a, c string) int { return cmp.Or(cmp.Compare(len(a), len(c)), cmp.Compare(a, c)) })
	return u, nil
}
