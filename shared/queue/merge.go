package queue

import (
	"errors"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"helpcrunch-mark-read/shared/attempt"
	"helpcrunch-mark-read/shared/mark"
	"helpcrunch-mark-read/shared/outcome"
	"helpcrunch-mark-read/shared/pace"
)

// job is the messages for one chat and reader, merged into one call with the latest mark. They share its outcome.
type job struct {
	messages []*message // oldest first
	marks    []mark.Mark
	wanted   mark.Mark // zero when the one message is invalid

	result   attempt.Result
	refusal  error // the gate's, because of which there was no attempt; result then has the verdict on that
	misfed   bool  // the message comes from the dead-letter queue itself
	duration time.Duration

	action action
	wait   time.Duration // until the messages that must come back are visible again
}

// action is what is done with a job's messages in the end.
type action string

const (
	deleted      action = "delete"
	held         action = "hold"
	deadLettered action = "dead-letter"
	released     action = "release" // not started for want of time: returned without having used up an attempt
)

func (j *job) newest() *message { return j.messages[len(j.messages)-1] }

// noTime reports whether there was no attempt because the deadline was too near.
func (j *job) noTime() bool { return errors.Is(j.refusal, pace.ErrNoTime) }

type target struct {
	id     int64
	reader mark.Reader
}

// merge reads the messages and brings those for the same chat and reader together, in the order of the first of each.
// A message that is invalid is a job of its own, and its verdict is known; so is one from the dead-letter queue, which is
// not to be worked through.
func (h *Handler) merge(batch []events.SQSMessage) []*job {
	var jobs []*job
	byTarget := map[target]*job{}
	for _, m := range parseBatch(batch) {
		if m.isFrom(h.DeadLetterURL) {
			jobs = append(jobs, &job{messages: []*message{m}, misfed: true})
			continue
		}
		wanted, err := readMark(m.body)
		if err != nil {
			verdict := outcome.Decide(outcome.Evidence{Err: err})
			jobs = append(jobs, &job{messages: []*message{m}, result: attempt.Result{Verdict: verdict}})
			continue
		}
		key := target{wanted.ID, wanted.Reader}
		j, ok := byTarget[key]
		if !ok {
			j = &job{}
			jobs, byTarget[key] = append(jobs, j), j
		}
		j.messages, j.marks = append(j.messages, m), append(j.marks, wanted)
		j.wanted = mark.Merge(j.marks)
	}
	return jobs
}

// readMark turns a panic over one message's body into that message's error.
func readMark(body string) (wanted mark.Mark, err error) {
	defer func() {
		if recover() != nil {
			wanted, err = mark.Mark{}, errPanic
		}
	}()
	return mark.ReadMessage([]byte(body))
}
