package queue

import (
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"helpcrunch-mark-read/shared/attempt"
	"helpcrunch-mark-read/shared/mark"
	"helpcrunch-mark-read/shared/outcome"
)

// job is what becomes of the records that wish something for the same chat and reader: one call with the newest wish.
type job struct {
	records  []*events.SQSMessage // the newest last
	wish     mark.Mark            // zero when the one record is no mark
	result   attempt.Result
	fate     fate // empty until it is known
	called   bool // the attempt was made: no pause and no deadline turned it away before its first call
	duration time.Duration
}

// fate is what is done with a job's records in the end.
type fate string

const (
	deleted      fate = "delete"
	held         fate = "hold"
	deadLettered fate = "dead-letter"
	released     fate = "release" // not started: back to the queue at once
)

func (j *job) newest() *events.SQSMessage { return j.records[len(j.records)-1] }

type target struct {
	id     int64
	reader mark.Reader
}

// merge reads the records and brings those for the same chat and reader together, in the order of the first of each.
// A record that is no mark is a job of its own, and its verdict is known.
func merge(batch []events.SQSMessage) []*job {
	var jobs []*job
	byTarget := map[target]*job{}
	for _, record := range withoutCopies(batch) {
		wish, err := readMessage(record)
		if err != nil {
			verdict := outcome.Decide(outcome.Evidence{Err: err})
			jobs = append(jobs, &job{records: []*events.SQSMessage{record}, result: attempt.Result{Verdict: verdict}})
			continue
		}
		key := target{wish.ID, wish.Reader}
		j, ok := byTarget[key]
		if !ok {
			j = &job{}
			jobs, byTarget[key] = append(jobs, j), j
		}
		j.add(record, wish)
	}
	return jobs
}

// add keeps the newest wish last: on a FIFO queue what comes later is newer, on a standard queue what was sent later is.
func (j *job) add(record *events.SQSMessage, wish mark.Mark) {
	if len(j.records) > 0 && !isFIFO(record) && sentAt(record).Before(sentAt(j.newest())) {
		newest := j.newest()
		j.records[len(j.records)-1] = record
		j.records = append(j.records, newest)
		return
	}
	j.records, j.wish = append(j.records, record), wish
}

// withoutCopies drops all but the last copy of a message that SQS put into the batch more than once: the last receipt
// handle is the one that counts, and no message may be reported or dead-lettered twice.
func withoutCopies(batch []events.SQSMessage) []*events.SQSMessage {
	last := make(map[string]int, len(batch))
	for i := range batch {
		last[batch[i].MessageId] = i
	}
	records := make([]*events.SQSMessage, 0, len(last))
	for i := range batch {
		if last[batch[i].MessageId] == i {
			records = append(records, &batch[i])
		}
	}
	return records
}

// readMessage turns a panic over one record's body into that record's fault.
func readMessage(record *events.SQSMessage) (wish mark.Mark, err error) {
	defer func() {
		if recover() != nil {
			wish, err = mark.Mark{}, errPanic
		}
	}()
	return mark.ReadMessage([]byte(record.Body))
}

func isFIFO(record *events.SQSMessage) bool { return strings.HasSuffix(record.EventSourceARN, ".fifo") }
