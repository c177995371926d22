// Package account says what became of every message of a local stack: it notes what is sent, follows every message from
// delivery to delivery, and holds each that is deleted against what the queue function logged, what HelpCrunch saw and what
// the dead-letter queue holds. A broken promise is reported at once. Nothing of it knows how the functions decide.
package account

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"

	"helpcrunch-mark-read/local/eventsource"
	"helpcrunch-mark-read/local/lambda"
	"helpcrunch-mark-read/local/stack"
)

// Account is the account of one stack with FIFO queues. Log and Observe belong into the stack's options. It is safe for
// concurrent use.
type Account struct {
	broken *broken
	ledger *ledger
	audit  *audit
}

// New returns an empty Account that reports broken promises to out. timeout is the queue function's.
func New(out io.Writer, timeout time.Duration) *Account {
	b := &broken{out: out}
	return &Account{b, newLedger(), newAudit(b, timeout)}
}

// Broken reports a broken promise that the caller has seen.
func (a *Account) Broken(format string, values ...any) { a.broken.add(fmt.Sprintf(format, values...)) }

// Err says how many promises were broken; nil for none.
func (a *Account) Err() error {
	if n := a.broken.total(); n > 0 {
		return fmt.Errorf("promises were broken %d times", n)
	}
	return nil
}

// forbidden must stand in no line that a function writes: keys, tokens, the simulator's people, and signs of a broken promise.
var forbidden = []string{"helpcrunch-key-", "local-caller-token", "@", "DATA RACE", "panic", "fatal error"}

// Log takes every line that the functions write.
func (a *Account) Log(line lambda.Line) {
	for _, text := range forbidden {
		if strings.Contains(line.Text, text) {
			a.Broken("a line that must not be: %s: %s", line.Function, line.Text)
			break
		}
	}
	if line.Function == "queue" {
		a.audit.line(line.Text)
	}
}

// Observe takes every invocation of the queue function.
func (a *Account) Observe(b eventsource.Batch) { a.audit.observe(b) }

// Send puts a message on the queue, in the group of the chat that it names. An error means that it may be there or not.
func (a *Account) Send(ctx context.Context, s *stack.Stack, body string, deduplicationID string) error {
	u, _ := readUpdate(body)
	output, err := s.Client.SendMessage(ctx, &awssqs.SendMessageInput{
		QueueUrl: &s.QueueURL, MessageBody: &body,
		MessageGroupId: aws.String(strconv.FormatInt(u.Chat, 10)), MessageDeduplicationId: &deduplicationID,
	})
	id := ""
	if err == nil {
		id = *output.MessageId
	}
	a.ledger.queued(id, u)
	if _, exists := s.Simulator.Chat(u.Chat); exists {
		a.ledger.sent(u.Target, sending{id, u.read, err != nil})
	}
	return err
}

// Called notes a mark that was sent by HTTP: one that was made, or may have been when made is false.
func (a *Account) Called(t Target, read, made bool) { a.ledger.sent(t, sending{"", read, !made}) }

// Queued notes a mark that was sent by HTTP for later. id is the message's; without one it may be on the queue all the same.
func (a *Account) Queued(t Target, read bool, id string) {
	a.ledger.queued(id, update{t, read})
	a.ledger.sent(t, sending{id, read, id == ""})
}

// Judge judges what was over before a moment, by which everything about it must have been logged and answered.
func (a *Account) Judge(s *stack.Stack, before time.Time) error {
	dead, err := s.SQS.Messages(s.DeadName)
	if err != nil {
		return err
	}
	a.audit.noteCalls(s.Simulator)
	a.audit.judge(dead, before)
	return nil
}

// Progress returns how many messages were sent, how many of them have ended, and how many promises were broken.
func (a *Account) Progress() (sent, ended, broken int) {
	a.audit.mu.Lock()
	defer a.audit.mu.Unlock()
	return a.ledger.size(), len(a.audit.ends), a.broken.total()
}

// Drain waits until the queue is empty.
func (a *Account) Drain(ctx context.Context, s *stack.Stack, atMost time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	for {
		left, err := s.SQS.Messages(s.QueueName)
		if err != nil || len(left) == 0 {
			return err
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("%d messages are still in the queue", len(left))
		}
	}
}
