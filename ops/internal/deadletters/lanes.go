package deadletters

import (
	"container/heap"
	"strconv"
	"time"
)

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

// next takes out at most n lanes whose first jobs fit into one batch.
func (h *lanes) next(n, bytes int, size func(*job) int) []*lane {
	var taken []*lane
	for h.Len() > 0 && len(taken) < n {
		bytes -= size((*h)[0].jobs[0])
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
