package deadletters

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go/middleware"
	smithyhttp "github.com/aws/smithy-go/transport/http"

	"helpcrunch-mark-read/ops/internal/sqsbatch"
)

const (
	roundBytes  = 64 << 20 // how much of dead letters is kept in memory; what goes beyond it waits for the next round
	maxOut      = 100_000  // how many dead letters are taken out at once; SQS allows 120,000 in flight
	slack       = 200      // how many more dead letters than SQS has counted are looked at: its numbers can be a minute old
	maxDeepened = 200      // bounds how many groups are looked at once more by themselves
)

// ErrTooMany says that more dead letters lie in the queue than can be out at the same time.
var ErrTooMany = errors.New("more than " + strconv.Itoa(maxOut) + " dead letters can't be out at once: choose with a smaller filter, or redrive or purge some first")

// Each takes out the dead letters that this box has not visited yet, and visits each once, until the queue shows no more or
// visit says that it has enough. A dead letter's order is that of its group on a FIFO queue, and none on a
// standard one.
func (b *Box) Each(ctx context.Context, visit func(*DeadLetter) (enough bool)) error {
	if b.enough == 0 { // it must end where new ones arrive as fast as they are looked at: with all that were there, and some more
		counts, err := Count(ctx, b.api, b.url)
		if err != nil {
			return err
		}
		b.enough = counts.Total() + counts.Total()/10 + slack
	}
	deepening := false
	for {
		messages, err := b.receive(ctx)
		if err != nil {
			return err
		}
		if b.visit(messages, visit) || b.beyond() {
			return nil
		}
		if b.holding() >= maxOut {
			return ErrTooMany
		}
		if len(messages) > 0 && !deepening {
			continue
		}
		// While groups are looked at one by one, the empty answer between two of them would only cost its wait.
		if deepening, err = b.deepen(ctx); err != nil || !deepening && len(messages) == 0 {
			return err
		}
	}
}

// rounds works on the dead letters that take chooses, as many at a time as memory has room for and the queue shows: a chat's
// eleventh dead letter of a FIFO queue shows only when the first ten are gone. It ends when the queue shows no more, or work
// has an error or says so.
func (b *Box) rounds(ctx context.Context, take func(*DeadLetter) bool, work func([]*DeadLetter) (goOn bool, err error)) (Unseen, error) {
	for {
		var taken []*DeadLetter
		room, goOn := roundBytes, true
		err := b.Each(ctx, func(l *DeadLetter) (enough bool) {
			if take(l) {
				taken = append(taken, l)
				room -= sqsbatch.Bytes(l.Body, l.Attributes) + 1<<10 // about what it takes in memory
			}
			return room <= 0
		})
		if err == nil && len(taken) > 0 {
			goOn, err = work(taken)
		}
		if err != nil || !goOn {
			return Unseen{Chats: []string{}}, err
		}
		if len(taken) == 0 || b.beyond() {
			return b.unseen(ctx)
		}
	}
}

// beyond says whether so many dead letters were seen that the rest must have arrived since the command began.
func (b *Box) beyond() bool { return len(b.seen) >= b.enough }

// visit shows the dead letters of one answer, and says whether it was enough. They are out, so all of them are shown, but for
// those that were visited before: one that was put back for a moment comes out again.
func (b *Box) visit(messages []types.Message, visit func(*DeadLetter) (enough bool)) (enough bool) {
	for _, m := range messages {
		id := aws.ToString(m.MessageId)
		if _, known := b.seen[id]; known {
			continue
		}
		b.seen[id] = struct{}{}
		b.Progress("dead letters looked at", len(b.seen), 0)
		l := read(m)
		l.number = len(b.seen)
		if visit(l) {
			enough = true
		}
	}
	return enough
}

// deepen looks for dead letters that lie behind others of their group, which is a chat. One receive returns up to ten of a group,
// but fewer when other groups fill it, and while those are out the rest can't follow. So the group that most likely has more
// is put back and, with everything else out, comes alone: its first ten.
func (b *Box) deepen(ctx context.Context) (more bool, err error) {
	counts, err := Count(ctx, b.api, b.url)
	if err != nil || counts.Visible == 0 || !b.FIFO() || b.deepened == maxDeepened {
		return false, err
	}
	best, groups := "", b.groups()
	for name, out := range groups {
		if out < sqsbatch.Most && out != b.tried[name] && out > groups[best] {
			best = name
		}
	}
	if best == "" {
		return false, nil
	}
	b.tried[best] = groups[best]
	b.deepened++
	b.change(ctx, b.ids(func(h *hold) bool { return h.group == best }), 0)
	return true, nil
}

// lostAnswers counts the attempts of a call after which it is not known whether SQS did what it was asked: those that
// ended without an answer, or with a failure of SQS's own.
func lostAnswers(metadata middleware.Metadata) int {
	attempts, _ := retry.GetAttemptResults(metadata)
	lost := 0
	for _, attempt := range attempts.Results {
		status := 0 // as the SDK has it for a connection that broke
		if answer, ok := errors.AsType[*smithyhttp.ResponseError](attempt.Err); ok {
			status = answer.HTTPStatusCode()
		}
		refused := status >= http.StatusBadRequest && status < http.StatusInternalServerError
		if attempt.Err != nil && !refused {
			lost++
		}
	}
	return lost
}
