package main

import (
	"context"
	"encoding/json"
	"errors"
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

// account says what became of every message, and which promises were broken.
func (s *soak) account() error {
	letters, err := s.SQS.Messages(s.DeadName)
	if err != nil {
		return err
	}
	s.ledger.mu.Lock()
	defer s.ledger.mu.Unlock()
	sent := s.ledger.messages()
	dead, faults := s.deadLetters(letters, sent)
	faults = append(faults, s.states(dead)...)
	for id := range s.ledger.doomed {
		if !dead[id] {
			faults = append(faults, fmt.Errorf("message %s can never be done, and has no dead letter", id))
		}
	}
	s.lines.mu.Lock()
	defer s.lines.mu.Unlock()
	for line := range s.lines.wrong {
		faults = append(faults, fmt.Errorf("a line that must not be: %s", line))
	}
	for _, what := range s.ledger.wrong {
		faults = append(faults, errors.New(what))
	}
	told := s.lines.applied + s.lines.merged + len(dead)
	all := len(sent) + len(s.ledger.doomed)
	if told < all {
		faults = append(faults, fmt.Errorf("%d messages were sent, and the functions told of %d", all, told))
	}
	counts := s.Simulator.Counts()
	if counts.MostIn60s > accountLimit {
		faults = append(faults, fmt.Errorf("%d calls in a minute", counts.MostIn60s))
	}
	fmt.Printf("queued %d: applied %d, merged %d, dead letters %d for %d messages; held %d times; %d calls\n",
		all, s.lines.applied, s.lines.merged, len(letters), len(dead), s.lines.held, counts.Requests)
	for _, status := range slices.Sorted(maps.Keys(s.ledger.counts)) {
		fmt.Printf("answered %-20s %d\n", status, s.ledger.counts[status])
	}
	return errors.Join(faults...)
}

// deadLetters gives the messages that are dead by id. Every letter must say of what it died and which message it was.
func (s *soak) deadLetters(letters []sqs.Message, sent map[string]bool) (dead map[string]bool, faults []error) {
	dead = map[string]bool{}
	unsure := 0
	for _, letter := range letters {
		var source struct{ MessageID string }
		_ = json.Unmarshal([]byte(letter.Attributes["Source"].StringValue), &source)
		outcome := letter.Attributes["Outcome"].StringValue
		if source.MessageID == "" || outcome != "invalid_request" && outcome != "chat_not_found" {
			faults = append(faults, fmt.Errorf("a letter with the outcome %q and the source %q", outcome, source.MessageID))
		}
		dead[source.MessageID] = true
		if !sent[source.MessageID] && !s.ledger.doomed[source.MessageID] {
			unsure++ // it was sent, and the answer to that was lost
		}
	}
	if unsure > 0 {
		fmt.Printf("%d letters are of messages whose sender was never told that they had arrived\n", unsure)
	}
	return dead, faults
}

// states checks that every chat is as it was last wished for.
func (s *soak) states(dead map[string]bool) (faults []error) {
	for t := range s.ledger.wishes {
		chat, ok := s.Simulator.Chat(t.chat)
		state := chat.ReadByAgent
		if t.reader == "customer" {
			state = chat.ReadByCustomer
		}
		if !ok || !s.ledger.allowed(t, dead, state) {
			faults = append(faults, fmt.Errorf("chat %d: read by %s is %t, and that is not what was last wished for", t.chat, t.reader, state))
		}
	}
	return faults
}
