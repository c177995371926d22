package queue

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"
)

// violations checks every promise on a history that has come to its end.
func (w *world) violations(sharePerMinute int, retryWindow time.Duration) []string {
	var all []string
	report := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	letters := w.lettersByMessage(report)
	for _, m := range w.messages {
		w.checkEnd(m, letters[m.MessageId], retryWindow, report)
	}
	if w.fifo {
		w.checkLastState(letters, report)
	}
	w.checkRate(sharePerMinute, report)
	w.checkRejectedKeys(report)
	return all
}

type reporter func(format string, args ...any)

func sourceOf(text string) (from source) {
	_ = json.Unmarshal([]byte(text), &from)
	return from
}

// lettersByMessage checks each letter by itself, and finds the message that it is of.
func (w *world) lettersByMessage(report reporter) map[string][]sentLetter {
	letters := map[string][]sentLetter{}
	for _, l := range w.letters {
		outcome, origin := l.MessageAttributes["Outcome"].StringValue, l.MessageAttributes["Source"].StringValue
		if outcome == nil || origin == nil {
			report("a letter says neither why nor whence")
			continue
		}
		from := sourceOf(*origin)
		m := w.find(from.MessageID)
		if *l.MessageBody != m.Body || from.SentAt != sentAt(&m.SQSMessage).UTC().Format(time.RFC3339Nano) {
			report("the letter of %s is not the message", from.MessageID)
		}
		letters[from.MessageID] = append(letters[from.MessageID], l)
	}
	return letters
}

// checkEnd: every message ends applied, merged into a newer wish, or dead-lettered with a reason.
func (w *world) checkEnd(m *message, letters []sentLetter, retryWindow time.Duration, report reporter) {
	if !m.gone {
		report("%s never ended", m.MessageId)
	}
	if len(letters) > 1 && !m.unsure {
		report("%s has %d letters, without a crash or a redelivery", m.MessageId, len(letters))
	}
	for _, l := range letters {
		mayDie := m.wish.ID == 0 || m.wish.ID == unknownChat || l.at.Sub(m.sent) > retryWindow
		if !mayDie {
			report("%s was given up after %v with %s", m.MessageId, l.at.Sub(m.sent), *l.MessageAttributes["Outcome"].StringValue)
		}
	}
	if len(letters) == 0 && m.gone && !w.wasMade(m) {
		report("%s is gone, neither applied nor merged nor dead-lettered", m.MessageId)
	}
}

// wasMade says whether the message's wish, or a newer one for the same chat and reader, was written before it was deleted.
func (w *world) wasMade(m *message) bool {
	return slices.ContainsFunc(w.calls, func(c call) bool {
		return c.wrote && c.wish.ID == m.wish.ID && c.wish.Reader == m.wish.Reader && !c.at.Before(m.sent) && !c.at.After(m.goneAt) &&
			(c.wish == m.wish || w.hasNewer(m, c))
	})
}

// hasNewer says whether there is a newer message with the wish that was written.
func (w *world) hasNewer(m *message, c call) bool {
	return slices.ContainsFunc(w.messages, func(other *message) bool {
		return other.wish == c.wish && (other.sequence > m.sequence || !w.fifo) && !other.sent.After(c.at)
	})
}

// checkLastState: on FIFO the last state of each chat and reader is the last wish that was not dead-lettered. A wish that
// was dead-lettered may have been made all the same: when HelpCrunch's answer to it was lost, or the message was delivered
// again.
func (w *world) checkLastState(letters map[string][]sentLetter, report reporter) {
	newestFirst := slices.Clone(w.messages)
	slices.SortFunc(newestFirst, func(a, b *message) int { return bySequence(b, a) })
	settled := map[target]bool{}
	for _, m := range newestFirst {
		key := target{m.wish.ID, m.wish.Reader}
		state, written := w.state[key]
		dead := len(letters[m.MessageId]) > 0
		if m.wish.ID == 0 || settled[key] || dead && !(written && state == m.wish.Read && w.mayBeMade(m)) {
			continue
		}
		settled[key] = true
		if !written || state != m.wish.Read {
			report("chat %d %s: the last wish was %t (%s), the state is %t", key.id, key.reader, m.wish.Read, m.MessageId, state)
		}
	}
}

func (w *world) mayBeMade(m *message) bool {
	return m.unsure || slices.ContainsFunc(w.calls, func(c call) bool {
		return c.wrote && c.status == 0 && c.wish == m.wish && !c.at.Before(m.sent)
	})
}

// checkRate: no more calls in any 60 s than the share, and one for every environment that had to be replaced in them: it
// cannot know when the one before it called last.
func (w *world) checkRate(share int, report reporter) {
	calls := slices.Clone(w.calls)
	slices.SortFunc(calls, func(a, b call) int { return a.at.Compare(b.at) })
	first := 0
	for i, c := range calls {
		for c.at.Sub(calls[first].at) > time.Minute {
			first++
		}
		allowed := share
		for _, start := range w.starts {
			if !start.Before(calls[first].at) && !start.After(c.at) {
				allowed++
			}
		}
		if i-first+1 > allowed {
			report("%d calls in a minute, %d are the share", i-first+1, allowed)
			return
		}
	}
}

// checkRejectedKeys: an environment that was told 401 calls with that key no more, but for one probe in five minutes.
func (w *world) checkRejectedKeys(report reporter) {
	type seen struct {
		environment int
		key         string
	}
	last := map[seen]time.Time{} // when a rejected key was last called with; the calls stand in their order
	told := map[seen]time.Time{} // when the first 401 for it came back
	for _, c := range w.calls {
		id := seen{c.environment, c.key}
		if first, ok := told[id]; ok && c.at.After(first) && c.at.Sub(last[id]) < probeEvery {
			report("environment %d called with a rejected key after %v", c.environment, c.at.Sub(last[id]))
			return
		}
		switch {
		case c.status == 401:
			if _, ok := told[id]; !ok || c.answeredAt.Before(told[id]) {
				told[id] = c.answeredAt
			}
			last[id] = c.at
		case c.status == 200 || c.status == 404:
			delete(told, id)
		}
	}
}

// probeEvery is the contract's five minutes, from the last call's start as seen by HelpCrunch.
const probeEvery = 5*time.Minute - time.Second
