package account

import (
	"fmt"
	"maps"
	"time"

	"helpcrunch-mark-read/local/simulator"
	"helpcrunch-mark-read/local/sqs"
	"helpcrunch-mark-read/local/stack"
)

// Sums are messages by their end.
type Sums struct {
	Sent                  int // All of them, those included whose sender never got an answer
	Applied, Merged, Dead int
	Left                  int            // still in the queue
	Held                  int            // how often messages were held, all receives taken together
	DeadLetters           int            // more than Dead where one has a second copy
	Calls                 int            // that HelpCrunch saw
	Answers               map[string]int // to HTTP callers, by reader and status

	unclear, vanished, unanswered int
}

func (n Sums) String() string {
	text := fmt.Sprintf("%d messages sent: %d applied, %d merged into a newer one, %d dead-lettered", n.Sent, n.Applied, n.Merged, n.Dead)
	if n.Applied+n.Merged+n.Dead != n.Sent {
		text += fmt.Sprintf(", %d still in the queue, %d deleted against a promise, %d vanished", n.Left, n.unclear, n.vanished)
	}
	return text + fmt.Sprintf(" (%d of them with no answer to their sender)", n.unanswered)
}

// Close says what became of every message, and reports what is missing. The stack must be at rest: its queue empty or its
// functions stopped.
func (a *Account) Close(s *stack.Stack) (n Sums, err error) {
	if err := a.Judge(s, time.Now()); err != nil {
		return n, err
	}
	left, err := s.SQS.Messages(s.QueueName)
	if err != nil {
		return n, err
	}
	counts := s.Simulator.Counts()
	a.mu.Lock()
	defer a.mu.Unlock()
	if counts.UnknownNames > 0 {
		a.report(fmt.Sprintf("%d calls had a name beside id and read in their body", counts.UnknownNames))
	}
	if len(left) == 0 { // else the latest updates may still be among them
		a.report(a.states(s.Simulator)...)
	}
	a.report(a.strangers()...)
	n, vanished := sum(a.messages, a.bodies, a.ends, left)
	a.report(vanished...)
	n.Held, n.DeadLetters, n.Calls, n.Answers = a.held, a.read, counts.Requests, a.answers
	return n, nil
}

// sum finds the end of every message that is known: those that were sent, and those that were delivered although their
// sender got no answer. A message that has no end and is not in the queue has vanished.
func sum(sent map[string]bool, delivered map[string]string, ends map[string]ending, queue []sqs.Message) (n Sums, faults []string) {
	left := map[string]bool{}
	for _, m := range queue {
		left[m.ID] = true
	}
	all := maps.Clone(sent)
	for id := range delivered {
		if !sent[id] {
			n.unanswered++
		}
		all[id] = true
	}
	n.Sent = len(all)
	for id := range all {
		switch end := ends[id]; {
		case left[id]:
			n.Left++
		case end == applied:
			n.Applied++
		case end == merged:
			n.Merged++
		case end == dead:
			n.Dead++
		case end == unclear:
			n.unclear++
		default:
			n.vanished++
			faults = append(faults, fmt.Sprintf("message %s has vanished", id))
		}
	}
	return n, faults
}

// strangers are messages that nobody sent, as far as that can be known: each that was delivered and is not known must be one
// whose sending failed.
func (a *Account) strangers() (faults []string) {
	lost := maps.Clone(a.lost)
	for id, body := range a.bodies {
		if a.messages[id] {
			continue
		}
		u, _ := readUpdate(body)
		if lost[u]--; lost[u] < 0 {
			faults = append(faults, fmt.Sprintf("message %s was delivered, and nobody sent it", id))
		}
	}
	return faults
}

// states checks that every chat is as its latest update says. The locks are held.
func (a *Account) states(s *simulator.Simulator) (faults []string) {
	for t := range a.sendings {
		chat, ok := s.Chat(t.Chat)
		state := chat.ReadByAgent
		if t.Reader == simulator.Customer {
			state = chat.ReadByCustomer
		}
		if !ok || !a.allowed(t, state) {
			faults = append(faults, fmt.Sprintf("chat %d: read by %s is %t, which is not its latest update", t.Chat, t.Reader, state))
		}
	}
	return faults
}

// allowed says whether a target may be in a state in the end: that of the newest update that was made for certain, or of
// one after it that has a dead letter (at least once: it may have been made as well) or may not have arrived. An overtaken
// mark leaves its chat unread: RESTORE_UNREAD is on where marks have a bound.
func (a *Account) allowed(t Target, state bool) bool {
	sendings := a.sendings[t]
	for i := len(sendings) - 1; i >= 0; i-- {
		s := sendings[i]
		if (s.read && !a.overtaken[s.message]) == state {
			return true
		}
		if !s.unsure && len(a.dead[s.message]) == 0 {
			return false
		}
	}
	return true // none was made for certain: any state will do
}
