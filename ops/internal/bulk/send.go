package bulk

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/ops/internal/sqsbatch"
	"helpcrunch-mark-read/shared/mark"
)

var errChanged = errors.New("the file has changed while it was sent")

// Send puts the marks of the checked file on the journal's queue, in the file's order, from where the journal says. Lines that are
// invalid are left out. An error means that it ended before its time; the journal knows where.
//
// A mark's deduplication id is made of the run's id and the line, so that on a FIFO queue a batch that is sent again within
// five minutes, because a stop came before the journal was written, doubles nothing, and another run loses nothing.
func (j *Journal) Send(ctx context.Context, api *sqs.Client, file io.Reader, format Format, progress func(what string, done, outOf int)) error {
	skip := j.Sent
	var batch []item
	send := func() error {
		err := j.batch(ctx, api, batch)
		batch = batch[:0]
		progress("marks sent", j.Sent, j.Marks)
		return err
	}
	err := scan(file, format, func(line int, m mark.Mark, fault error) (err error) {
		switch {
		case fault != nil:
			return nil
		case skip > 0:
			skip--
			return nil
		case len(batch) == sqsbatch.Most || holds(batch, m):
			err = send()
		}
		batch = append(batch, item{line, m})
		return err
	})
	if err == nil {
		err = send()
	}
	if err == nil && j.Sent != j.Marks {
		return errChanged
	}
	return err
}

type item struct {
	line int
	mark mark.Mark
}

// holds says whether a chat is in the batch already. Two marks of one chat never share a batch: if the first of them
// failed, the second would overtake it.
func holds(batch []item, m mark.Mark) bool {
	return slices.ContainsFunc(batch, func(i item) bool { return i.mark.ID == m.ID })
}

// batch sends up to ten marks and records how far it came: up to the first that failed, as the next run goes on there.
func (j *Journal) batch(ctx context.Context, api *sqs.Client, batch []item) error {
	if err := ctx.Err(); err != nil || len(batch) == 0 {
		return err
	}
	entries := make([]types.SendMessageBatchRequestEntry, len(batch))
	for i, it := range batch {
		entries[i] = j.entry(it)
	}
	_, results := sqsbatch.Send(context.WithoutCancel(ctx), api, j.QueueURL, entries)
	done := 0
	for done < len(results) && results[done] == nil {
		done++
	}
	j.Sent += done
	if err := j.save(); err != nil {
		return err
	}
	if done < len(results) {
		return fmt.Errorf("line %d could not be sent: %w", batch[done].line, results[done])
	}
	return nil
}

func (j *Journal) entry(it item) types.SendMessageBatchRequestEntry {
	entry := types.SendMessageBatchRequestEntry{MessageBody: aws.String(it.mark.Message())}
	if strings.HasSuffix(j.QueueURL, ".fifo") {
		entry.MessageGroupId = aws.String(strconv.FormatInt(it.mark.ID, 10))
		entry.MessageDeduplicationId = aws.String(fmt.Sprintf("send-%s-%d", j.ID, it.line))
	}
	return entry
}
