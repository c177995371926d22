package deadletters

import (
	"cmp"
	"container/heap"
	"slices"
	"strconv"
	"time"

	"helpcrunch-mark-read/shared/mark"
)

// job is one message to be sent: a dead letter, with the older ones that it stands for.
type job struct {
	deadLetter *DeadLetter
	older      []*DeadLetter // in their order
}

func (j *job) ids() []string {
	ids := make([]string, 0, len(j.older)+1)
	for _, l := range j.older {
		ids = append(ids, l.ID)
	}
	return append(ids, j.deadLetter.ID)
}

// plan makes the jobs out of dead letters, in their old order. With merge, dead letters for the same chat and reader become one job.
func plan(deadLetters []*DeadLetter, fifo, merge bool) []*job {
	sortOld(deadLetters, fifo)
	type target struct {
		chat   int64
		reader mark.Reader
	}
	byTarget := map[target]*job{}
	var jobs []*job
	for _, l := range deadLetters {
		key := target{l.Mark.ID, l.Mark.Reader}
		if j, ok := byTarget[key]; ok && merge && l.Fault == nil {
			j.older, j.deadLetter = append(j.older, j.deadLetter), l
			continue
		}
		j := &job{deadLetter: l}
		jobs = append(jobs, j)
		if l.Fault == nil {
			byTarget[key] = j
		}
	}
	// A merged job goes where its newest dead letter stands.
	slices.SortStableFunc(jobs, func(a, b *job) int { return cmp.Compare(a.deadLetter.number, b.deadLetter.number) })
	return jobs
}

// sortOld brings dead letters into their old order. On a FIFO queue SQS has kept it; a standard one returns them in any order.
func sortOld(deadLetters []*DeadLetter, fifo bool) {
	slices.SortStableFunc(deadLetters, func(a, b *DeadLetter) int {
		if fifo {
			return cmp.Compare(a.number, b.number)
		}
		return cmp.Or(a.Sent().Compare(b.Sent()), a.DeadLetteredAt.Compare(b.DeadLetteredAt), cmp.Compare(a.number, b.number))
	})
	for i, l := range deadLetters {
		l.number = i
	}
}

// lane is a line of jobs of which one is under way at a time, so that none overtakes another: those of a group, or of a chat.
type lane struct {
	jobs []*job
	when time.Time // of the first job
}

// lanes returns jobs, the oldest lane's first. It is a heap by the time of the lanes' first jobs.
type lanes []*lane

func newLanes(jobs []*job, fifo bool) *lanes {
	byName := map[string]*lane{}
	var all lanes
	for _, j := range jobs {
		name := laneOf(j.deadLetter, fifo)
		l, ok := byName[name]
		if !ok {
			l = &lane{when: age(j.deadLetter, fifo)}
			byName[name] = l
			all = append(all, l)
		}
		l.jobs = append(l.jobs, j)
	}
	heap.Init(&all)
	return &all
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

func age(l *DeadLetter, fifo bool) time.Time {
	if fifo {
		return l.DeadLetteredAt
	}
	return l.Sent()
}

// next takes out at most n lanes whose first jobs fit into one batch.
func (h *lanes) next(n, bytes int, size func(*DeadLetter) int) []*lane {
	var taken []*lane
	for h.Len() > 0 && len(taken) < n {
		bytes -= size((*h)[0].jobs[0].deadLetter)
		if bytes < 0 && len(taken) > 0 {
			break
		}
		taken = append(taken, heap.Pop(h).(*lane))
	}
	return taken
}

// back puts a lane back whose first job is done.
func (h *lanes) back(l *lane, fifo bool) {
	if l.jobs = l.jobs[1:]; len(l.jobs) > 0 {
		l.when = age(l.jobs[0].deadLetter, fifo)
		heap.Push(h, l)
	}
}

func (h lanes) Len() int           { return len(h) }
func (h lanes) Less(i, k int) bool { return h[i].when.Before(h[k].when) }
func (h lanes) Swap(i, k int)      { h[i], h[k] = h[k], h[i] }

// Push is heap.Interface's; use back.
func (h *lanes) Push(x any) { *h = append(*h, x.(*lane)) }

// Pop is heap.Interface's; use next.
func (h *lanes) Pop() any {
	last := (*h)[len(*h)-1]
	*h = (*h)[:len(*h)-1]
	return last
}
