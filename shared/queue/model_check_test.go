package queue

import (
	"fmt"
	"slices"
	"time"

	"helpcrunch-mark-read/shared/deadletter"
)

// violations checks every promise on a history that has come to its end.
func (w *world) violations(retryWindow time.Duration) []string {
	var all []string
	report := func(format string, args ...any) { all = append(all, fmt.Sprintf(format, args...)) }
	deadLetters := w.deadLettersByMessage(report)
	for _, m := range w.messages {
		w.checkEnd(m, deadLetters[m.MessageId], retryWindow, report)
	}
	if w.fifo && !w.bounded {
		w.checkLastState(deadLetters, report)
	}
	if w.fifo {
		w.checkOlderGoFirst(report)
	}
	if w.bounded {
		w.checkBounds(deadLetters, report)
	}
	w.checkRate(max(w.share, 2), report) // with less than a call a minute each, the environments' calls can meet in one
	w.checkRejectedKeys(report)
	return all
}

type reporter func(format string, args ...any)

// deadLettersByMessage checks each dead letter by itself, and finds the message that it is of.
func (w *world) deadLettersByMessage(report reporter) map[string][]sentDeadLetter {
	deadLetters := map[string][]sentDeadLetter{}
	for _, l := range w.deadLetters {
		reason := deadletter.Read(l.MessageAttributes)
		if reason.Outcome == "" || reason.Source.MessageID == "" {
			report("a dead letter says neither why it is dead nor where it came from")
			continue
		}
		from := reason.Source
		m := w.find(from.MessageID)
		if *l.MessageBody != m.Body || !from.SentAt.Equal(m.sent.Truncate(time.Millisecond)) {
			report("the dead letter of %s is not the message", from.MessageID)
		}
		deadLetters[from.MessageID] = append(deadLetters[from.MessageID], l)
	}
	return deadLetters
}

// checkEnd: every message ends applied, merged into a newer mark, or dead-lettered with a reason.
func (w *world) checkEnd(m *tracked, deadLetters []sentDeadLetter, retryWindow time.Duration, report reporter) {
	if !m.gone {
		report("%s never ended", m.MessageId)
	}
	if m.receives >= 1000 {
		report("%s was received %d times", m.MessageId, m.receives)
	}
	if len(deadLetters) > 1 && !m.unsure && !m.repeats {
		report("%s has %d dead letters, without a crash or a redelivery", m.MessageId, len(deadLetters))
	}
	for _, l := range deadLetters {
		mayDie := m.wanted.ID == 0 || m.wanted.ID == unknownChat || l.at.Sub(m.sent) > retryWindow
		if !mayDie {
			report("%s expired after %v with %s", m.MessageId, l.at.Sub(m.sent), *l.MessageAttributes["Outcome"].StringValue)
		}
	}
	if len(deadLetters) == 0 && m.gone && !w.wasMade(m) {
		report("%s is gone, neither applied nor merged nor dead-lettered", m.MessageId)
	}
}

// wasMade says whether the message's mark, or a newer one for the same chat and reader, was written before it was deleted.
func (w *world) wasMade(m *tracked) bool {
	return slices.ContainsFunc(w.calls, func(c call) bool {
		return c.wrote && c.wanted.ID == m.wanted.ID && c.wanted.Reader == m.wanted.Reader && !c.at.Before(m.sent) && !c.at.After(m.goneAt) &&
			(c.wanted.Read == m.wanted.Read || w.hasNewer(m, c))
	})
}

// hasNewer says whether there is a newer message with the mark that was written.
func (w *world) hasNewer(m *tracked, c call) bool {
	return slices.ContainsFunc(w.messages, func(other *tracked) bool {
		return sameFlag(other.wanted, c.wanted) && other.wanted.Read == c.wanted.Read && (other.sequence > m.sequence || !w.fifo) && !other.sent.After(c.at)
	})
}

// checkLastState: on FIFO the last state of each chat and reader is the last mark that was not dead-lettered. A mark that
// was dead-lettered may have been made all the same: when HelpCrunch's answer to it was lost, the message was delivered again,
// or came back because an older one's dead letter was not safe.
func (w *world) checkLastState(deadLetters map[string][]sentDeadLetter, report reporter) {
	newestFirst := slices.Clone(w.messages)
	slices.SortFunc(newestFirst, func(a, b *tracked) int { return bySequence(b, a) })
	settled := map[target]bool{}
	for _, m := range newestFirst {
		key := target{m.wanted.ID, m.wanted.Reader}
		state, written := w.state[key]
		dead := len(deadLetters[m.MessageId]) > 0
		if m.wanted.ID == 0 || settled[key] || dead && !(written && state == m.wanted.Read && w.mayBeMade(m)) {
			continue
		}
		settled[key] = true
		if !written || state != m.wanted.Read {
			report("chat %d %s: the last mark was %t (%s), the state is %t", key.id, key.reader, m.wanted.Read, m.MessageId, state)
		}
	}
}

func (w *world) mayBeMade(m *tracked) bool {
	return m.unsure || m.repeats || slices.ContainsFunc(w.calls, func(c call) bool {
		return c.wrote && c.status == 0 && c.wanted == m.wanted && !c.at.Before(m.sent)
	})
}

// checkRate: no more calls in any 60 s than the share, and one for every environment that had to be replaced in them: it
// cannot know when the one before it called last. A restoring call waits for no turn; the environment's next turn is one later.
func (w *world) checkRate(share int, report reporter) {
	calls := slices.Clone(w.calls)
	slices.SortStableFunc(calls, func(a, b call) int { return a.at.Compare(b.at) })
	first := 0
	var restoring []call // whose environment has had no turn since
	for i, c := range calls {
		for c.at.Sub(calls[first].at) > time.Minute {
			first++
		}
		if restores(calls[:i], c) {
			restoring = append(restoring, c)
		} else {
			restoring = slices.DeleteFunc(restoring, func(r call) bool { return r.environment == c.environment && r.at.Before(c.at) })
		}
		allowed := share + len(restoring)
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

// restores reports whether a call sets the flag back that the environment's call before it for the same chat and reader set.
func restores(before []call, c call) bool {
	for _, earlier := range slices.Backward(before) {
		if earlier.environment == c.environment && earlier.wanted.ID == c.wanted.ID && earlier.wanted.Reader == c.wanted.Reader {
			return earlier.overtaken && !c.wanted.Read
		}
	}
	return false
}

// checkRejectedKeys: an environment that was answered 401 calls with that key no more, but for one probe in five minutes.
func (w *world) checkRejectedKeys(report reporter) {
	type seen struct {
		environment int
		key         string
	}
	last := map[seen]time.Time{}    // when a rejected key was last called with; the calls stand in their order
	refused := map[seen]time.Time{} // when the first 401 for it came back
	for _, c := range w.calls {
		id := seen{c.environment, c.key}
		if first, ok := refused[id]; ok && c.at.After(first) && c.at.Sub(last[id]) < probeEvery {
			report("environment %d called with a rejected key after %v", c.environment, c.at.Sub(last[id]))
			return
		}
		switch {
		case c.status == 401:
			if _, ok := refused[id]; !ok || c.answeredAt.Before(refused[id]) {
				refused[id] = c.answeredAt
			}
			last[id] = c.at
		case c.status == 200 || c.status == 404:
			delete(refused, id)
		}
	}
}

// probeEvery is the contract's five minutes, from the last call's start as seen by HelpCrunch.
const probeEvery = 5*time.Minute - time.Second
