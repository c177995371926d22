package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"helpcrunch-mark-read/local/sqs"
)

// drainTime is how long the queue may take to run dry: what was received often is held for up to a quarter of an hour.
const drainTime = 20 * time.Minute

// drain waits until the queue is empty.
func (s *soak) drain(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, drainTime)
	defer cancel()
	for {
		left, err := s.SQS.Messages(s.QueueName)
		if err != nil || len(left) == 0 {
			return err
		}
		if !wait(ctx, 200*time.Millisecond) {
			return fmt.Errorf("%d messages are still in the queue", len(left))
		}
	}
}

// account says what became of every message, and which promises were broken. Nothing moves any more: everything is stopped.
func (s *soak) account() error {
	letters, err := s.SQS.Messages(s.DeadName)
	if err != nil {
		return err
	}
	left, err := s.SQS.Messages(s.QueueName)
	if err != nil {
		return err
	}
	s.audit.noteCalls(s.Simulator)
	s.audit.judge(letters, time.Now())
	counts := s.Simulator.Counts()
	if counts.MostIn60s > accountLimit {
		s.faults.add("%d calls in a minute", counts.MostIn60s)
	}
	s.audit.mu.Lock()
	defer s.audit.mu.Unlock()
	s.ledger.mu.Lock()
	defer s.ledger.mu.Unlock()
	if len(left) == 0 { // else the last wishes may still be among them
		s.faults.addAll(s.states()...)
	}
	s.faults.addAll(strangers(s.ledger, s.audit.bodies)...)
	sums, vanished := sum(s.ledger.messages, s.audit.bodies, s.audit.ends, left)
	s.faults.addAll(vanished...)
	sums.print()
	fmt.Printf("held %d times; %d calls; %d dead letters, %d of them second copies or of messages that were made later\n",
		s.audit.held, counts.Requests, len(letters), len(letters)-sums.ended[dead])
	for _, status := range slices.Sorted(maps.Keys(s.ledger.counts)) {
		fmt.Printf("answered %-20s %d\n", status, s.ledger.counts[status])
	}
	return nil
}

// sums are messages by their end.
type sums struct {
	all, untold, left, vanished int
	ended                       map[ending]int
}

// sum finds the end of every message that is known: those that were sent, and those that were delivered without their
// sender's ever being told that they had arrived. A message that has no end and is not in the queue has vanished.
func sum(sent map[string]bool, delivered map[string]string, ends map[string]ending, queue []sqs.Message) (n sums, faults []string) {
	n.ended = map[ending]int{}
	left := map[string]bool{}
	for _, m := range queue {
		left[m.ID] = true
	}
	all := maps.Clone(sent)
	for id := range delivered {
		if !sent[id] {
			n.untold++
		}
		all[id] = true
	}
	n.all = len(all)
	for id := range all {
		end, ok := ends[id]
		switch {
		case left[id]:
			n.left++
		case ok:
			n.ended[end]++
		default:
			n.vanished++
			faults = append(faults, fmt.Sprintf("message %s has vanished", id))
		}
	}
	return n, faults
}

func (n sums) print() {
	fmt.Printf("queued %d: applied %d, merged %d, dead %d", n.all, n.ended[applied], n.ended[merged], n.ended[dead])
	if rest := n.all - n.ended[applied] - n.ended[merged] - n.ended[dead]; rest > 0 {
		fmt.Printf(", still in the queue %d, deleted against a promise %d, vanished %d", n.left, n.ended[broken], n.vanished)
	}
	fmt.Printf("; of %d the sender was never told\n", n.untold)
}

// strangers are messages that nobody sent, as far as that can be told: each that was delivered and is not known must be one
// whose sending failed.
func strangers(l *ledger, delivered map[string]string) (faults []string) {
	lost := maps.Clone(l.lost)
	for id, body := range delivered {
		if l.messages[id] {
			continue
		}
		w, _ := readWish(body)
		if lost[w]--; lost[w] < 0 {
			faults = append(faults, fmt.Sprintf("message %s was delivered, and nobody sent it", id))
		}
	}
	return faults
}

// states checks that every chat is as it was last wished for.
func (s *soak) states() (faults []string) {
	for t := range s.ledger.sendings {
		chat, ok := s.Simulator.Chat(t.chat)
		state := chat.ReadByAgent
		if t.reader == "customer" {
			state = chat.ReadByCustomer
		}
		if !ok || !s.ledger.allowed(t, s.audit.letters, state) {
			faults = append(faults, fmt.Sprintf("chat %d: read by %s is %t, and that is not what was last wished for", t.chat, t.reader, state))
		}
	}
	return faults
}
