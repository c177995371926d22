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
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	smithytime "github.com/aws/smithy-go/time"

	"helpcrunch-mark-read/local/lambda"
	"helpcrunch-mark-read/local/stack"
)

// Account is the account of one stack with FIFO queues. Log and Observe belong into the stack's options. It is safe for
// concurrent use.
type Account struct {
	out     io.Writer
	timeout time.Duration // of one invocation of the queue function

	mu     sync.Mutex
	broken int // promises

	sendings map[Target][]sending // in their order, of the chats that exist
	messages map[string]bool      // that were sent, by id
	answers  map[string]int       // to HTTP callers, by reader and status
	lost     map[update]int       // how many messages may have arrived although their id is not known; an invalid message is the zero update

	evidence
	waiting   []*batch          // not judged yet
	ends      map[string]ending // by message id; of one that was deleted in vain and came back, the last
	overtaken map[string]bool   // messages whose mark was undone, for a newer message was there
	held      int

	read     int // dead letters
	unjudged []deadLetter
	since    int64          // every call up to this one is noted
	noted    map[int64]bool // and these after it
}

// Target is what a mark is made for: one chat and one of its readers.
type Target struct {
	Chat   int64
	Reader string
}

// update is what a message asks for.
type update struct {
	Target
	read bool
}

// sending is one update as it was sent.
type sending struct {
	message string // the SQS message's id; empty when it is not known, or there is none
	read    bool
	unsure  bool // it may not have arrived
}

// New returns an empty Account that reports broken promises to out. timeout is the queue function's.
func New(out io.Writer, timeout time.Duration) *Account {
	return &Account{
		out: out, timeout: timeout, sendings: map[Target][]sending{}, messages: map[string]bool{}, answers: map[string]int{}, lost: map[update]int{},
		evidence: newEvidence(), ends: map[string]ending{}, overtaken: map[string]bool{}, noted: map[int64]bool{},
	}
}

// Broken reports a broken promise.
func (a *Account) Broken(format string, values ...any) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.report(fmt.Sprintf(format, values...))
}

// report leaves out empty texts. The lock is held.
func (a *Account) report(texts ...string) {
	const most = 50 // one mistake can break a promise a thousand times
	for _, text := range texts {
		if text == "" {
			continue
		}
		if a.broken++; a.broken <= most {
			fmt.Fprintln(a.out, "broken:", text)
		}
	}
}

// Err says how many promises were broken; nil for none.
func (a *Account) Err() error {
	if _, _, broken := a.Progress(); broken > 0 {
		return fmt.Errorf("promises were broken %d times", broken)
	}
	return nil
}

// Progress returns how many messages were sent, how many of them have ended, and how many promises were broken.
func (a *Account) Progress() (sent, ended, broken int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.messages), len(a.ends), a.broken
}

// forbidden must stand in no line that a function writes: keys, tokens, the simulator's people, and signs of a broken promise.
var forbidden = []string{"helpcrunch-key-", "local-caller-token", "@", "DATA RACE", "panic", "fatal error"}

// Log takes every line that the functions write.
func (a *Account) Log(line lambda.Line) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, text := range forbidden {
		if strings.Contains(line.Text, text) {
			a.report(fmt.Sprintf("a line that must not be: %s: %s", line.Function, line.Text))
			break
		}
	}
	if attempt, ok := readLine(line.Text); ok && line.Function == "queue" {
		a.lines[delivery{attempt.MessageID, attempt.ReceiveCount}] = attempt
		a.overtaken[attempt.MessageID] = attempt.Overtaken
	}
}

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
	a.mu.Lock()
	defer a.mu.Unlock()
	a.queued(id, u)
	if _, exists := s.Simulator.Chat(u.Chat); exists {
		a.sendings[u.Target] = append(a.sendings[u.Target], sending{id, u.read, err != nil})
	}
	return err
}

// Called notes a mark that was sent by HTTP and how it was answered: with another status than 2xx it may have been made.
func (a *Account) Called(t Target, read bool, status int) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answers[fmt.Sprintf("%s %d", t.Reader, status)]++
	a.sendings[t] = append(a.sendings[t], sending{"", read, status/100 != 2})
}

// Queued notes a mark that was sent by HTTP for later. id is the message's; without one it may be on the queue all the same.
func (a *Account) Queued(t Target, read bool, status int, id string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.answers[fmt.Sprintf("%s %d", t.Reader, status)]++
	a.queued(id, update{t, read})
	a.sendings[t] = append(a.sendings[t], sending{id, read, id == ""})
}

func (a *Account) queued(id string, u update) {
	if id == "" {
		a.lost[u]++
		return
	}
	a.messages[id] = true
}

// Drain waits until the queue is empty.
func (a *Account) Drain(ctx context.Context, s *stack.Stack, atMost time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, atMost)
	defer cancel()
	for {
		left, err := s.SQS.Messages(s.QueueName)
		if err != nil {
			return err
		}
		if len(left) == 0 { // a batch is observed a moment after its deletion
			return smithytime.SleepWithContext(ctx, time.Second)
		}
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return fmt.Errorf("%d messages are still in the queue", len(left))
		}
	}
}
