package deadletters

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"helpcrunch-mark-read/shared/mark"
)

// targetOf is what a mark is about, the chat and the reader: marks of one target must not overtake each other.
func targetOf(l *DeadLetter) mark.Mark { return mark.Mark{ID: l.Mark.ID, Reader: l.Mark.Reader} }

// job is one message to be sent. Of a lane, one job is under way at a time, so that none overtakes another: the lane is the
// group, or the chat.
type job struct {
	deadLetters []*DeadLetter // in their order; the last one is sent, and stands for the others
	lane        string
	turn        time.Time
}

func (j *job) older() []*DeadLetter { return j.deadLetters[:len(j.deadLetters)-1] }

func (j *job) newest() *DeadLetter { return j.deadLetters[len(j.deadLetters)-1] }

func ids(deadLetters []*DeadLetter) []string {
	ids := make([]string, len(deadLetters))
	for i, l := range deadLetters {
		ids[i] = l.ID
	}
	return ids
}

// body is what is sent: the latest body as it is, unless the older marks change its bound.
func (j *job) body() string {
	marks := make([]mark.Mark, len(j.deadLetters))
	for i, l := range j.deadLetters {
		marks[i] = l.Mark
	}
	if merged := mark.Merge(marks); merged != j.newest().Mark {
		return merged.Message()
	}
	return j.newest().Body
}

// plan makes the jobs out of dead letters. The oldest lane's turn comes first; in a lane they keep their old order. With merge,
// those for the same chat and reader become one job.
func plan(deadLetters []*DeadLetter, fifo, merge bool) []*job {
	sortLanes(deadLetters, fifo)
	byTarget := map[mark.Mark]*job{}
	var jobs []*job
	for i, l := range deadLetters {
		l.number = i
		j, ok := byTarget[targetOf(l)]
		if !ok || !merge || l.Fault != nil {
			j = &job{lane: laneOf(l, fifo)}
			jobs = append(jobs, j)
		}
		j.deadLetters = append(j.deadLetters, l)
		if l.Fault == nil {
			byTarget[targetOf(l)] = j
		}
	}
	for _, j := range jobs { // between two groups only the time says which mark is the latest
		if slices.ContainsFunc(j.deadLetters, func(l *DeadLetter) bool { return l.Group != j.newest().Group }) {
			slices.SortStableFunc(j.deadLetters, func(a, b *DeadLetter) int { return a.Sent().Compare(b.Sent()) })
			j.lane = laneOf(j.newest(), fifo)
		}
	}
	// A merged job goes where its newest dead letter stands.
	slices.SortFunc(jobs, func(a, b *job) int { return cmp.Compare(a.newest().number, b.newest().number) })
	turns := map[string]time.Time{}
	for _, j := range jobs {
		if j.turn = j.newest().Sent(); j.turn.Before(turns[j.lane]) {
			j.turn = turns[j.lane]
		}
		turns[j.lane] = j.turn
	}
	slices.SortStableFunc(jobs, func(a, b *job) int { return a.turn.Compare(b.turn) })
	return jobs
}

func laneOf(l *DeadLetter, fifo bool) string {
	switch {
	case fifo:
		return l.Group
	case l.Fault == nil:
		return strconv.FormatInt(l.Mark.ID, 10)
	}
	return l.ID
}

// sortLanes brings the dead letters of each lane into the order in which their marks were sent. A standard queue returns them
// in any order. On a FIFO queue they arrive in that order, unless writing an earlier one failed at first: so where all of a group
// say when their marks were sent, that counts.
func sortLanes(deadLetters []*DeadLetter, fifo bool) {
	byArrival := map[string]bool{}
	for _, l := range deadLetters {
		if fifo && l.Source.SentAt.IsZero() {
			byArrival[l.Group] = true
		}
	}
	slices.SortFunc(deadLetters, func(a, b *DeadLetter) int {
		lane := laneOf(a, fifo)
		order := cmp.Compare(lane, laneOf(b, fifo))
		if order == 0 && !byArrival[lane] {
			order = a.Sent().Compare(b.Sent())
		}
		return cmp.Or(order, cmp.Compare(a.number, b.number))
	})
}
