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

// Send puts the marks of a checked file on the queue, in the file's order, from where the journal says. Lines that are
// invalid are left out.
//
// A mark's deduplication id is made of the run's id and the line, so that on a FIFO queue a batch that is sent again within
// five minutes, because a stop came before the journal was written, doubles nothing, and another run loses nothing.
type Send struct {
	SQS      *sqs.Client
	QueueURL string
	Journal  *Journal
	Progress func(what string, done, outOf int)
}

// Run reads the file from its beginning. An error means that it ended before its time; the journal knows where.
func (s *Send) Run(ctx context.Context, file io.Reader, format Format) error {
	skip := s.Journal.Sent
	var batch []item
	err := scan(file, format, func(line int, m mark.Mark, fault error) error {
		if fault != nil {
			return nil
		}
		if skip > 0 {
			skip--
			return nil
		}
		if len(batch) == sqsbatch.Most || holds(batch, m) {
			if err := s.batch(ctx, batch); err != nil {
				return err
			}
			batch = batch[:0]
		}
		batch = append(batch, item{line, m})
		return nil
	})
	if err == nil {
		err = s.batch(ctx, batch)
	}
	if err == nil && s.Journal.Sent != s.Journal.Marks {
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
func (s *Send) batch(ctx context.Context, batch []item) error {
	if err := ctx.Err(); err != nil || len(batch) == 0 {
		return err
	}
	entries := make([]types.SendMessageBatchRequestEntry, len(batch))
	for i, it := range batch {
		entries[i] = s.entry(it)
	}
	_, results := sqsbatch.Send(context.WithoutCancel(ctx), s.SQS, s.QueueURL, entries)
	done := 0
	for done < len(results) && results[done] == nil {
		done++
	}
	s.Journal.Sent += done
	if err := s.Journal.save(); err != nil {
		return err
	}
	s.Progress("marks sent", s.Journal.Sent, s.Journal.Marks)
	if done < len(results) {
		return fmt.Errorf("line %d could not be sent: %w", batch[done].line, results[done])
	}
	return nil
}

func (s *Send) entry(it item) types.SendMessageBatchRequestEntry {
	entry := types.SendMessageBatchRequestEntry{MessageBody: aws.String(it.mark.Message())}
	if strings.HasSuffix(s.QueueURL, ".fifo") {
		entry.MessageGroupId = aws.String(strconv.FormatInt(it.mark.ID, 10))
		entry.MessageDeduplicationId = aws.String(fmt.Sprintf("send-%s-%d", s.Journal.ID, it.line))
	}
	return entry
}
