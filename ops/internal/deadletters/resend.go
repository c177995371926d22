package deadletters

import (
	"cmp"
	"context"
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
		for i, err := range r.resend(context.WithoutCancel(ctx), batch, done) {
			if err != nil {
				done.fail(err)
				r.blocked[batch[i].lane] = true
			}
		}
		worked += len(batch)
		r.Progress("sent", worked, outOf)
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
		if room -= messageBytes(j); len(batch) > 0 && (room < 0 || len(batch) == r.batchSize()) {
			return batch, append(rest, jobs[i:]...)
		}
		batch, lanes[j.lane] = append(batch, j), true
	}
	return batch, rest
}

// resend sends the jobs and deletes their dead letters, the newest last.
func (r *Redrive) resend(ctx context.Context, batch []*job, done *Redriven) []error {
	results := make([]error, len(batch))
	var entries []types.SendMessageBatchRequestEntry
	var sending []int
	for i, j := range batch {
		if slices.ContainsFunc(j.ids(), func(id string) bool { return !r.Box.Holds(id) }) {
			results[i] = errBack
			continue
		}
		entries, sending = append(entries, r.entry(j)), append(sending, i)
	}
	if len(entries) == 0 {
		return results
	}
	var sent []int
	ids, errs := sqsbatch.Send(ctx, r.SQS, r.QueueURL, entries)
	for n, err := range errs {
		results[sending[n]] = err
		if err == nil {
			sent = append(sent, sending[n])
			r.sent[ids[n]] = true
			r.remember(batch[sending[n]].deadLetter)
			done.Sent++
		}
	}
	r.clear(ctx, batch, sent, results, done)
	return results
}

// clear deletes the dead letters of the jobs that were sent. First the older ones; a newest one only when all that it stands
// for are gone.
func (r *Redrive) clear(ctx context.Context, batch []*job, sent []int, results []error, done *Redriven) {
	var older, newest []string
	for _, i := range sent {
		ids := batch[i].ids()
		older = append(older, ids[:len(ids)-1]...)
	}
	failed := r.Box.Delete(ctx, older)
	done.Merged += len(older) - len(failed)
	for _, i := range sent {
		for _, l := range batch[i].older {
			results[i] = cmp.Or(results[i], failed[l.ID])
		}
		if results[i] == nil {
			newest = append(newest, batch[i].deadLetter.ID)
		}
	}
	left := r.Box.Delete(ctx, newest)
	done.Done += len(older) - len(failed) + len(newest) - len(left)
	for _, i := range sent {
		results[i] = cmp.Or(results[i], left[batch[i].deadLetter.ID])
	}
}

// entry is the mark as it was sent first: the same body and attributes. The deduplication id is the dead letter's own, so that
// sending one twice within five minutes puts one message on the queue, while a mark that is dead-lettered again is a new one.
func (r *Redrive) entry(j *job) types.SendMessageBatchRequestEntry {
	l := j.deadLetter
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

func messageBytes(j *job) int { return sqsbatch.Bytes(j.body(), j.deadLetter.Originals()) }

// batchSize is ten, but a low rate is kept evenly: about a second's worth.
func (r *Redrive) batchSize() int {
	if r.PerMinute == 0 {
		return sqsbatch.Most
	}
	return max(1, min(sqsbatch.Most, r.PerMinute/60))
}

// pause keeps the rate after n messages that took so long, and says whether to go on.
func (r *Redrive) pause(ctx context.Context, took time.Duration, n int) bool {
	if ctx.Err() != nil {
		return false
	}
	if r.PerMinute == 0 {
		return true
	}
	select {
	case <-ctx.Done():
		return false
	case <-time.After(time.Duration(n)*time.Minute/time.Duration(r.PerMinute) - took):
		return true
	}
}

func (d *Redriven) fail(err error) { d.Failed = reason(d.Failed, err) }

// reason keeps a reason for a failure, unless it is known already.
func reason(known []error, err error) []error {
	if len(known) == maxReasons || slices.ContainsFunc(known, func(k error) bool { return k.Error() == err.Error() }) {
		return known
	}
	return append(known, err)
}
