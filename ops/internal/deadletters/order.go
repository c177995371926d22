package deadletters

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"helpcrunch-mark-read/shared/mark"
)

// target is what a mark is about: marks of one target must not overtake each other.
type target struct {
	chat   int64
	reader mark.Reader
}

func targetOf(l *DeadLetter) target { return target{l.Mark.ID, l.Mark.Reader} }

// job is one message to be sent: a dead letter, with the older ones that it stands for. Of a lane, one job is under way at a
// time, so that none overtakes another: the lane is the group, or the chat.
type job struct {
	deadLetter *DeadLetter
	older      []*DeadLetter // in their order
	lane       string
	turn       time.Time
}

func (j *job) ids() []string {
	ids := make([]string, 0, len(j.older)+1)
	for _, l := range j.older {
		ids = append(ids, l.ID)
	}
	return append(ids, j.deadLetter.ID)
}

// body is what is sent: the latest body as it is, unless the older marks change its bound.
func (j *job) body() string {
	if len(j.older) == 0 {
		return j.deadLetter.Body
	}
	marks := make([]mark.Mark, 0, len(j.older)+1)
	for _, l := range j.older {
		marks = append(marks, l.Mark)
	}
	merged := mark.Merge(append(marks, j.deadLetter.Mark))
	if merged == j.deadLetter.Mark {
		return j.deadLetter.Body
	}
	return merged.Message()
}

// plan makes the jobs out of dead letters. The oldest lane's turn comes first; in a lane they keep their old order. With merge, those for the same chat and reader become one job.
func plan(deadLetters []*DeadLetter, fifo, merge bool) []*job {
	sortOld(deadLetters, fifo)
	byTarget := map[target]*job{}
	var jobs []*job
	for _, l := range deadLetters {
		key := targetOf(l)
		if j, ok := byTarget[key]; ok && merge && l.Fault == nil {
			j.older, j.deadLetter = append(j.older, j.deadLetter), l
			continue
		}
		j := &job{deadLetter: l, lane: laneOf(l, fifo)}
		jobs = append(jobs, j)
		if l.Fault == nil {
			byTarget[key] = j
		}
	}
	// A merged job goes where its newest dead letter stands.
	slices.SortFunc(jobs, func(a, b *job) int { return cmp.Compare(a.deadLetter.number, b.deadLetter.number) })
	turns := map[string]time.Time{}
	for _, j := range jobs {
		if j.turn = age(j.deadLetter, fifo); j.turn.Before(turns[j.lane]) {
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

// sortOld brings dead letters into the order in which their marks were sent. A standard queue returns them in any order. On a
// FIFO queue they arrive in that order, unless writing an earlier one failed at first: so where all of a group say when
// their marks were sent, that counts.
func sortOld(deadLetters []*DeadLetter, fifo bool) {
	slices.SortStableFunc(deadLetters, func(a, b *DeadLetter) int {
		if fifo {
			return cmp.Compare(a.number, b.number)
		}
		return cmp.Or(a.Sent().Compare(b.Sent()), a.DeadLetteredAt.Compare(b.DeadLetteredAt), cmp.Compare(a.number, b.number))
	})
	if fifo {
		sortGroups(deadLetters)
	}
	for i, l := range deadLetters {
		l.number = i
	}
}

// sortGroups sorts each group within the places that it has.
func sortGroups(deadLetters []*DeadLetter) {
	places := map[string][]int{}
	for i, l := range deadLetters {
		places[l.Group] = append(places[l.Group], i)
	}
	for _, group := range places {
		members := make([]*DeadLetter, len(group))
		for i, place := range group {
			members[i] = deadLetters[place]
		}
		if slices.ContainsFunc(members, func(l *DeadLetter) bool { return l.Source.SentAt.IsZero() }) {
			continue
		}
		slices.SortStableFunc(members, func(a, b *DeadLetter) int { return a.Source.SentAt.Compare(b.Source.SentAt) })
		for i, place := range group {
			deadLetters[place] = members[i]
		}
	}
}

// age is the time by which lanes take turns.
func age(l *DeadLetter, fifo bool) time.Time {
	if fifo {
		return l.DeadLetteredAt
	}
	return l.Sent()
}
