package deadletters

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/ops/internal/sqsbatch"
)

const maxReasons = 5 // how many different reasons of failure are reported

// work sends the jobs and deletes their dead letters until all are done or ctx ends, which is heeded between two batches. A
// lane whose job fails is left as it is: its later jobs must not overtake.
func (r *Redrive) work(ctx context.Context, jobs []*job, done *Redriven) {
	worked, outOf := 0, len(jobs)
	for {
		started := time.Now()
		var batch []*job
		if batch, jobs = r.next(jobs); len(batch) == 0 {
			return
		}
		r.resend(context.WithoutCancel(ctx), batch, done)
		worked += len(batch)
		r.Box.Progress("sent", worked, outOf)
		if len(jobs) == 0 || !r.pause(ctx, time.Since(started), len(batch)) {
			return
		}
	}
}

// next takes one batch out of the jobs, at most one of a lane, and drops those of lanes of which a job failed. The slice of the
// jobs is used again for the rest.
func (r *Redrive) next(jobs []*job) (batch, rest []*job) {
	rest = jobs[:0]
	room, lanes := sqsbatch.MostBytes, map[string]bool{}
	for i, j := range jobs {
		switch {
		case r.blocked[j.lane]:
			continue
		case lanes[j.lane]:
			rest = append(rest, j)
			continue
		}
		if room -= sqsbatch.Bytes(j.body(), j.newest().Originals()); len(batch) > 0 && (room < 0 || len(batch) == r.batchSize()) {
			return batch, append(rest, jobs[i:]...)
		}
		batch, lanes[j.lane] = append(batch, j), true
	}
	return batch, rest
}

// leave leaves a job's dead letters where they are: its later jobs must not overtake it.
func (r *Redrive) leave(j *job, err error, done *Redriven) {
	done.fail(err)
	r.blocked[j.lane] = true
}

// resend sends the jobs and deletes their dead letters, the newest last. What was overtaken is merged into the mark that is on
// the queue already.
func (r *Redrive) resend(ctx context.Context, batch []*job, done *Redriven) {
	var sending, sent []*job
	var entries []types.SendMessageBatchRequestEntry
	var merged []string
	for _, j := range batch {
		switch {
		case slices.ContainsFunc(ids(j.deadLetters), func(id string) bool { return !r.Box.Holds(id) }):
			r.leave(j, errBack, done)
		case !r.overtaken(j.newest()):
			sending, entries = append(sending, j), append(entries, r.entry(j))
		case r.merges():
			merged = append(merged, ids(j.deadLetters)...)
		default:
			done.fail(errOvertaken)
		}
	}
	messageIDs, results := sqsbatch.Send(ctx, r.SQS, r.QueueURL, entries)
	for i, j := range sending {
		if results[i] != nil {
			r.leave(j, results[i], done)
			continue
		}
		sent = append(sent, j)
		r.sent[messageIDs[i]] = true
		r.remember(j.newest())
		done.Sent++
	}
	r.clear(ctx, merged, sent, done)
}

// clear deletes the dead letters of marks that are on the queue. First those that are merged, and a newest one only when all that
// it stands for are gone.
func (r *Redrive) clear(ctx context.Context, merged []string, sent []*job, done *Redriven) {
	for _, j := range sent {
		merged = append(merged, ids(j.older())...)
	}
	left := r.Box.Delete(ctx, merged)
	done.Merged += len(merged) - len(left)
	isLeft := func(id string) bool { return left[id] != nil }
	var newest []string
	for _, j := range sent {
		if !slices.ContainsFunc(ids(j.older()), isLeft) {
			newest = append(newest, j.newest().ID)
		}
	}
	maps.Copy(left, r.Box.Delete(ctx, newest))
	done.Done += len(merged) + len(newest) - len(left)
	for _, err := range left {
		done.fail(err)
	}
	for _, j := range sent {
		if slices.ContainsFunc(ids(j.deadLetters), isLeft) {
			r.blocked[j.lane] = true
		}
	}
}

// entry is the mark as it was sent first: the same body and attributes. The deduplication id is the dead letter's own, so that
// sending one twice within five minutes puts one message on the queue, while a mark that is dead-lettered again is a new one.
func (r *Redrive) entry(j *job) types.SendMessageBatchRequestEntry {
	l := j.newest()
	entry := types.SendMessageBatchRequestEntry{MessageBody: aws.String(j.body()), MessageAttributes: l.Originals()}
	if l.Group != "" {
		entry.MessageGroupId = aws.String(l.Group)
	}
	if isFIFO(r.QueueURL) {
		entry.MessageDeduplicationId = aws.String("redrive-" + l.ID + "-" + strconv.FormatInt(l.DeadLetteredAt.UnixMilli(), 10))
		if l.Group == "" {
			entry.MessageGroupId = aws.String(laneOf(l, false))
		}
	}
	return entry
}

// batchSize is ten, but a low rate is kept evenly: about a second's worth.
func (r *Redrive) batchSize() int {
	if r.PerMinute == 0 {
		return sqsbatch.Most
	}
	return max(1, min(sqsbatch.Most, r.PerMinute/60))
}

// pause keeps the rate after n messages that took so long, and says whether to go on.
func (r *Redrive) pause(ctx context.Context, took time.Duration, n int) bool {
	wait := time.Duration(0)
	if r.PerMinute > 0 {
		wait = time.Duration(n)*time.Minute/time.Duration(r.PerMinute) - took
	}
	select {
	case <-ctx.Done():
	case <-time.After(wait):
	}
	return ctx.Err() == nil
}

func (d *Redriven) fail(err error) { d.Failed = reason(d.Failed, err) }

// reason keeps a reason for a failure, unless it is known already.
func reason(known []error, err error) []error {
	if len(known) == maxReasons || slices.ContainsFunc(known, func(k error) bool { return k.Error() == err.Error() }) {
		return known
	}
	return append(known, err)
}
