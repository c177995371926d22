package deadletters

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/ops/internal/sqsbatch"
)

// maxReasons is how many different reasons of failure are reported.
const maxReasons = 5

// work sends the jobs and deletes their dead letters until all are done or ctx ends, which is heeded between two batches. A
// lane whose job fails is left as it is: its later jobs must not overtake.
func (r *Redrive) work(ctx context.Context, jobs []*job, done *Redriven) {
	waiting := newLanes(jobs, r.Box.FIFO())
	worked := 0
	for waiting.Len() > 0 {
		started := time.Now()
		batch := waiting.next(r.batchSize(), sqsbatch.MostBytes, messageBytes)
		for i, err := range r.resend(context.WithoutCancel(ctx), batch, done) {
			worked++
			if err != nil {
				done.fail(err)
				r.blocked[laneOf(batch[i].jobs[0].deadLetter, r.Box.FIFO())] = true
				continue
			}
			waiting.back(batch[i], r.Box.FIFO())
		}
		r.Progress("sent", worked, len(jobs))
		if waiting.Len() == 0 || !r.pause(ctx, time.Since(started), len(batch)) {
			return
		}
	}
}

// resend sends the first job of each lane and deletes its dead letters, the newest last.
func (r *Redrive) resend(ctx context.Context, batch []*lane, done *Redriven) []error {
	results := make([]error, len(batch))
	var entries []types.SendMessageBatchRequestEntry
	var sending []int
	for i, l := range batch {
		if !r.holdsAll(l.jobs[0]) {
			results[i] = errBack
			continue
		}
		entries, sending = append(entries, r.entry(l.jobs[0])), append(sending, i)
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
			r.remember(batch[sending[n]].jobs[0].deadLetter)
			done.Sent++
		}
	}
	r.clear(ctx, batch, sent, results, done)
	return results
}

func (r *Redrive) holdsAll(j *job) bool {
	for _, id := range j.ids() {
		if !r.Box.Holds(id) {
			return false
		}
	}
	return true
}

// clear deletes the dead letters of the jobs that were sent. First the older ones; a newest one only when all that it stands
// for are gone.
func (r *Redrive) clear(ctx context.Context, batch []*lane, sent []int, results []error, done *Redriven) {
	var older []string
	for _, i := range sent {
		ids := batch[i].jobs[0].ids()
		older = append(older, ids[:len(ids)-1]...)
	}
	failed := r.Box.Delete(ctx, older)
	done.Merged += len(older) - len(failed)
	done.Done += len(older) - len(failed)
	var newest []string
	for _, i := range sent {
		if results[i] = firstError(batch[i].jobs[0].older, failed); results[i] == nil {
			newest = append(newest, batch[i].jobs[0].deadLetter.ID)
		}
	}
	failed = r.Box.Delete(ctx, newest)
	done.Done += len(newest) - len(failed)
	for _, i := range sent {
		results[i] = errors.Join(results[i], failed[batch[i].jobs[0].deadLetter.ID])
	}
}

func firstError(deadLetters []*DeadLetter, failed map[string]error) error {
	for _, l := range deadLetters {
		if err := failed[l.ID]; err != nil {
			return err
		}
	}
	return nil
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
	for _, k := range known {
		if k.Error() == err.Error() {
			return known
		}
	}
	if len(known) == maxReasons {
		return known
	}
	return append(known, err)
}
