package queue

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"helpcrunch-mark-read/shared/mark"
)

// chatTimes are when the newest messages of a chat were written, in Unix seconds; 0: never.
type chatTimes struct{ customer, any int64 }

// write lets customers and agents write in the chats at any time. A message sets the other side's flag back.
func (w *world) write(produced *atomic.Bool) {
	for w.bounded && !produced.Load() {
		w.mu.Lock()
		id, byCustomer := int64(1+w.random.IntN(4)), w.random.IntN(2) == 0
		pause := time.Duration(1+w.random.IntN(30)) * time.Second
		c := w.times(id)
		c.any = time.Now().Unix()
		if byCustomer {
			c.customer = c.any
			w.state[target{id, mark.Agent}] = false
		} else {
			w.state[target{id, mark.Customer}] = false
		}
		w.mu.Unlock()
		time.Sleep(pause)
	}
}

func (w *world) times(id int64) *chatTimes {
	if w.chats == nil {
		w.chats = map[int64]*chatTimes{}
	}
	if w.chats[id] == nil {
		w.chats[id] = &chatTimes{}
	}
	return w.chats[id]
}

// chat is a Chat as HelpCrunch answers with it: times as numbers, in strings or null. w.mu is held.
func (w *world) chat(id int64) []byte {
	c := w.times(id)
	customer := "null"
	if c.customer > 0 {
		customer = fmt.Sprint(c.customer)
	}
	return fmt.Appendf(nil, `{"id":%d,"readByAgent":%t,"readByCustomer":%t,"lastCustomerMessageAt":%s,"lastMessageAt":"%d.25"}`,
		id, w.state[target{id, mark.Agent}], w.state[target{id, mark.Customer}], customer, c.any)
}

// overtaken reports whether a message from the other side is newer than the bound that counts, as far as a Chat shows it.
// w.mu is held.
func (w *world) overtaken(environment int, flag target) bool {
	bound, c := w.expected[environment][flag], w.times(flag.id)
	if flag.reader == mark.Agent {
		return bound.Set && c.customer > bound.Seconds
	}
	return bound.Set && c.any > c.customer && c.any > bound.Seconds
}

// expect works out the bound that counts for each chat and reader of a batch, in its own way: that of the latest mark, or a
// later one, or none, of a read: true since the last read: false.
func (w *world) expect(environment int, batch []events.SQSMessage) {
	w.mu.Lock()
	defer w.mu.Unlock()
	marks := map[target][]*tracked{}
	for _, record := range batch {
		m := w.find(record.MessageId)
		flag := target{m.wanted.ID, m.wanted.Reader}
		marks[flag] = append(marks[flag], m)
	}
	if w.expected == nil {
		w.expected = map[int]map[target]mark.Bound{}
	}
	w.expected[environment] = map[target]mark.Bound{}
	for flag, list := range marks {
		slices.SortFunc(list, bySequence)
		latest := int64(0)
		for _, m := range list {
			switch {
			case !m.wanted.Read:
				latest = 0
			case !m.wanted.AsOf.Set:
				latest = 1 << 62
			default:
				latest = max(latest, m.wanted.AsOf.Seconds)
			}
		}
		w.expected[environment][flag] = mark.Bound{Set: latest > 0 && latest < 1<<62, Seconds: latest}
	}
}

// withoutBounds is the batch as a handler that ignores bounds would read it.
func withoutBounds(batch []events.SQSMessage) []events.SQSMessage {
	batch = slices.Clone(batch)
	for i := range batch {
		batch[i].Body = strings.Replace(batch[i].Body, `"asOf"`, `"as"`, 1)
	}
	return batch
}

// withoutDead is what a handler would report that judges each of merged messages by its own dead letter.
func (w *world) withoutDead(failures []events.SQSBatchItemFailure) []events.SQSBatchItemFailure {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(failures), func(f events.SQSBatchItemFailure) bool {
		return slices.ContainsFunc(w.deadLetters, func(l sentDeadLetter) bool { return w.origin(l.SendMessageBatchRequestEntry) == f.ItemIdentifier })
	})
}

// checkOlderGoFirst: on FIFO a mark never outlives a newer one of the same chat and reader.
func (w *world) checkOlderGoFirst(report reporter) {
	last := map[target]*tracked{}
	for _, m := range w.messages {
		flag := target{m.wanted.ID, m.wanted.Reader}
		if older := last[flag]; older != nil && m.wanted.ID != 0 && older.goneAt.After(m.goneAt) {
			report("%s outlived %s", older.MessageId, m.MessageId)
		}
		last[flag] = m
	}
}

// checkBounds: every answer that shows a message newer than the bound is counted; and with RESTORE_UNREAD no chat ends read
// after one, unless the mark is a dead letter.
func (w *world) checkBounds(deadLetters map[string][]sentDeadLetter, report reporter) {
	if !w.fifo {
		return // which bound counts depends on an order that the model does not know there
	}
	shown, hidden := 0, map[target]bool{}
	calls := slices.Clone(w.calls)
	slices.SortStableFunc(calls, func(a, b call) int { return a.answeredAt.Compare(b.answeredAt) })
	for _, c := range calls {
		if !c.wrote {
			continue
		}
		flag := target{c.wanted.ID, c.wanted.Reader}
		hidden[flag] = c.overtaken && c.status == 200
		if hidden[flag] && !c.crashed {
			shown++
		}
	}
	if counted := w.countedOvertaken(); counted < shown {
		report("%d marks were overtaken, %d counted", shown, counted)
	}
	if !w.restores {
		return
	}
	for flag, is := range hidden {
		died := slices.ContainsFunc(w.messages, func(m *tracked) bool {
			return m.wanted.ID == flag.id && m.wanted.Reader == flag.reader && len(deadLetters[m.MessageId]) > 0
		})
		if is && w.state[flag] && !died {
			report("chat %d stays read for the %s, although an answer showed a newer message", flag.id, flag.reader)
		}
	}
}

// Write keeps the handlers' metrics.
func (w *world) Write(line []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.metrics.Write(line)
}

func (w *world) countedOvertaken() (n int) {
	for line := range strings.Lines(w.metrics.String()) {
		var counts struct{ Overtaken int }
		if json.Unmarshal([]byte(line), &counts) == nil {
			n += counts.Overtaken
		}
	}
	return n
}

func sameFlag(a, b mark.Mark) bool { return a.ID == b.ID && a.Reader == b.Reader }
