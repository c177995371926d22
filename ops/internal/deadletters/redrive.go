package deadletters

import (
	"context"
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"helpcrunch-mark-read/shared/mark"
)

// Redrive sends the chosen dead letters back to the queue, in their old order, and then deletes them.
//
// It can be stopped at any time and run again. A dead letter is deleted only after SQS has confirmed that its mark is on the
// queue, so a stop between the two leaves it in both places: on a FIFO queue a dead letter always gets the same
// deduplication id, so that a second sending within five minutes is dropped. The newest dead letter is deleted last, so that no
// second run sends an older mark after the newer one is gone.
type Redrive struct {
	SQS       *sqs.Client
	QueueURL  string
	Box       *Box
	Filter    Filter
	All       bool // send each dead letter; otherwise, on a FIFO queue, the latest mark per chat and reader
	PerMinute int  // how many messages are sent a minute; 0: as fast as SQS takes them
	DryRun    bool // look only

	latest  map[mark.Mark]time.Time // when the latest mark was sent first that this run has sent
	sent    map[string]bool         // message ids: a mark that is dead-lettered again comes back at once as a new dead letter, and must not go round for ever
	blocked map[string]bool         // lanes of which a job failed: what comes later in them must not overtake it, in later rounds either
}

// Redriven is what became of the chosen dead letters.
type Redriven struct {
	Chosen  int     `json:"chosen"`    // dead letters that the filter chose
	Invalid int     `json:"noMark"`    // of these, dead letters with an invalid body: sent back, they are dead-lettered again
	Sent    int     `json:"sent"`      // messages that SQS has confirmed (in a dry run: that would be sent)
	Merged  int     `json:"merged"`    // dead letters that are not sent, because a later mark for the same chat and reader is
	Left    int     `json:"left"`      // chosen, but not done when the run ended
	Again   int     `json:"diedAgain"` // dead letters of marks that this run has sent and that were dead-lettered again; they are left alone
	Unseen  Unseen  `json:"unseen"`    // what could not be looked at
	Done    int     `json:"-"`         // dead letters that are out of the dead-letter queue: sent or merged, and deleted
	Failed  []error `json:"-"`         // why chosen dead letters are left in the dead-letter queue; each reason once, at most a few
}

// Run works through the queue. An error means that it ended before its time; what is said of the dead letters holds even so.
func (r *Redrive) Run(ctx context.Context) (done Redriven, err error) {
	r.blocked, r.sent, r.latest = map[string]bool{}, map[string]bool{}, map[mark.Mark]time.Time{}
	choose := func(l *DeadLetter) bool { return r.choose(l, &done) }
	done.Unseen, err = r.Box.rounds(ctx, choose, func(deadLetters []*DeadLetter) (goOn bool, err error) {
		jobs := plan(deadLetters, r.Box.FIFO(), r.merges())
		if r.DryRun {
			done.Sent += len(jobs)
			done.Merged += len(deadLetters) - len(jobs)
		} else {
			r.work(ctx, jobs, &done)
		}
		return true, ctx.Err()
	})
	done.Left = done.Chosen - done.Done
	return done, err
}

// merges says whether marks are merged: only a FIFO queue says which of two is the newer one.
func (r *Redrive) merges() bool { return !r.All && r.Box.FIFO() }

func (r *Redrive) choose(l *DeadLetter, done *Redriven) bool {
	if r.sent[l.ID] || r.sent[l.Source.MessageID] {
		done.Again++
		return false
	}
	if !r.Filter.Match(l) {
		return false
	}
	done.Chosen++
	if l.Fault != nil {
		done.Invalid++
	}
	return !r.blocked[laneOf(l, r.Box.FIFO())]
}

// errOvertaken is for a dead letter that may not be sent any more, nor merged, because each is to be sent.
var errOvertaken = errors.New("a later mark for the same chat and reader was sent before this one was seen; without --all it is merged into that")

// remember notes when the mark of a dead letter that was sent now was sent first.
func (r *Redrive) remember(l *DeadLetter) {
	if key := targetOf(l); l.Fault == nil && l.Source.SentAt.After(r.latest[key]) {
		r.latest[key] = l.Source.SentAt
	}
}

// overtaken says whether this run has sent a later mark for the same chat and reader. SQS shows at most ten of a chat, in the
// order of their arrival, and an older mark can lie behind them.
func (r *Redrive) overtaken(l *DeadLetter) bool {
	return l.Fault == nil && r.Box.FIFO() && !l.Source.SentAt.IsZero() && l.Source.SentAt.Before(r.latest[targetOf(l)])
}
