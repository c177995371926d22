package deadletters

import (
	"context"
	"errors"
)

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

// dropOvertaken merges overtaken dead letters into the mark that is on the queue already, and returns the others.
func (r *Redrive) dropOvertaken(ctx context.Context, deadLetters []*DeadLetter, done *Redriven) []*DeadLetter {
	var rest []*DeadLetter
	var ids []string
	for _, l := range deadLetters {
		switch {
		case !r.overtaken(l):
			rest = append(rest, l)
		case r.merges():
			ids = append(ids, l.ID)
		default:
			done.fail(errOvertaken)
		}
	}
	failed := r.Box.Delete(context.WithoutCancel(ctx), ids)
	done.Merged += len(ids) - len(failed)
	done.Done += len(ids) - len(failed)
	for _, err := range failed {
		done.fail(err)
	}
	return rest
}
