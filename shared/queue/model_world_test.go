package queue

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/shared/deadletter"
	"helpcrunch-mark-read/shared/helpcrunch"
	"helpcrunch-mark-read/shared/mark"
	"helpcrunch-mark-read/shared/secret"
)

// world is everything around the handler in the model check, in simulated time: a queue, a dead-letter queue, HelpCrunch
// and the secret. All of it misbehaves at random until calmAt, and then no more.
type world struct {
	mu          sync.Mutex
	random      *rand.Rand
	fifo        bool
	broken      breakage
	share       int  // requests a minute, for two environments
	bounded     bool // marks carry bounds, and messages arrive in the chats
	restores    bool // RESTORE_UNREAD
	chats       map[int64]*chatTimes
	expected    map[int]map[target]mark.Bound // by environment: the bound that counts in its batch
	metrics     bytes.Buffer
	calmAt      time.Time
	messages    []*tracked // in the order in which they were sent; a message stays here after its end
	state       map[target]bool
	calls       []call
	deadLetters []sentDeadLetter
	starts      []time.Time // of environments that replaced a crashed one
	validKey    string
	secret      string
}

// tracked is one message on its way.
type tracked struct {
	events.SQSMessage
	sequence  int
	wanted    mark.Mark // zero when the body is invalid
	sent      time.Time
	visibleAt time.Time
	receives  int
	gone      bool // deleted from the queue
	goneAt    time.Time
	repeats   bool // its dead letter was in a batch that SQS took only a part of: a second copy may follow
	unsure    bool // met a crash, a lost answer or a second delivery: what was done with it may be done again
}

// call is one call that HelpCrunch saw.
type call struct {
	at          time.Time
	environment int
	key         string
	wanted      mark.Mark
	status      int // 0: it did not answer
	answeredAt  time.Time
	wrote       bool
	overtaken   bool // the answer shows a message newer than the bound that counts
	crashed     bool // the environment died before it could count
}

type sentDeadLetter struct {
	types.SendMessageBatchRequestEntry
	at time.Time
}

var (
	errCrash = errors.New("the environment dies here")
	errFault = errors.New("a fault of the model's")
)

// chance is true so many times in a hundred, while the world is not yet calm. w.mu is held.
func (w *world) chance(percent int) bool {
	return time.Now().Before(w.calmAt) && w.random.IntN(100) < percent
}

// send puts a message on the queue. w.mu is not held.
func (w *world) send(body string, wanted mark.Mark) {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := len(w.messages) + 1
	m := &tracked{sequence: n, wanted: wanted, sent: time.Now(), visibleAt: time.Now()}
	m.SQSMessage = record("m"+strconv.Itoa(n), body)
	if !w.fifo {
		fromStandard(&m.SQSMessage)
	}
	m.Attributes["MessageGroupId"] = strconv.FormatInt(wanted.ID, 10)
	w.messages = append(w.messages, m)
}

// receive returns at most ten messages, or none and when to look again; done says that there is nothing left to wait for.
func (w *world) receive() (batch []events.SQSMessage, again time.Time, done bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := time.Now()
	blocked := map[string]bool{}
	done = true
	again = now.Add(20 * time.Second)
	for _, m := range w.candidates() {
		group := m.Attributes["MessageGroupId"]
		visible := !m.visibleAt.After(now)
		if !m.gone && !visible {
			blocked[group] = true // SQS delivers a FIFO group's messages up to the first that is invisible
		}
		twice := !w.fifo && !m.gone && !visible && w.chance(2)
		switch {
		case m.gone:
			continue
		case len(batch) < 10 && (visible && !(w.fifo && blocked[group]) || twice):
			m.unsure = m.unsure || twice
			m.receives++
			m.gone = m.receives >= 1000 // SQS moves it by itself
			m.visibleAt = now.Add(6 * time.Minute)
			m.ReceiptHandle = m.MessageId + "/" + strconv.Itoa(m.receives)
			m.Attributes["ApproximateReceiveCount"] = strconv.Itoa(m.receives)
			batch = append(batch, m.copy())
		case m.visibleAt.After(now) && m.visibleAt.Before(again):
			again = m.visibleAt
		}
		done = false
	}
	return batch, again, done
}

// candidates is the order in which a queue looks at its messages: FIFO, or nearly any.
func (w *world) candidates() []*tracked {
	list := slices.Clone(w.messages)
	if !w.fifo {
		w.random.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	}
	return list
}

func (m *tracked) copy() events.SQSMessage {
	c := m.SQSMessage
	c.Attributes = map[string]string{}
	for name, value := range m.Attributes {
		c.Attributes[name] = value
	}
	return c
}

// finish does what Lambda does with an answer: it deletes what is not reported.
func (w *world) finish(batch []events.SQSMessage, failures []events.SQSBatchItemFailure) {
	w.mu.Lock()
	defer w.mu.Unlock()
	lost := w.chance(3)
	for _, record := range batch {
		m := w.find(record.MessageId)
		reported := slices.ContainsFunc(failures, func(f events.SQSBatchItemFailure) bool { return f.ItemIdentifier == m.MessageId })
		switch {
		case lost:
			m.unsure = true
		case !reported && !m.gone:
			m.gone, m.goneAt = true, time.Now()
		}
	}
}

func (w *world) find(id string) *tracked {
	i := slices.IndexFunc(w.messages, func(m *tracked) bool { return m.MessageId == id })
	return w.messages[i]
}

// crash marks a batch whose environment died.
func (w *world) crash(environment int, batch []events.SQSMessage) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := range w.calls {
		w.calls[i].crashed = w.calls[i].crashed || w.calls[i].environment == environment
	}
	for _, record := range batch {
		w.find(record.MessageId).unsure = true
	}
	w.starts = append(w.starts, time.Now())
}

// SendMessageBatch is the dead-letter queue. It may refuse, hold its answer back, or be the last thing an environment does.
func (w *world) SendMessageBatch(_ context.Context, in *sqs.SendMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.SendMessageBatchOutput, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.chance(10) {
		return nil, errFault
	}
	out := &sqs.SendMessageBatchOutput{}
	for _, entry := range in.Entries {
		if w.chance(10) {
			out.Failed = append(out.Failed, types.BatchResultErrorEntry{Id: entry.Id, Code: entry.Id})
			continue
		}
		if !w.broken.losesDeadLetters {
			w.store(entry)
		}
		out.Successful = append(out.Successful, types.SendMessageBatchResultEntry{Id: entry.Id})
	}
	for _, entry := range in.Entries {
		m := w.find(w.origin(entry))
		m.repeats = m.repeats || len(out.Failed) > 0
	}
	switch {
	case w.chance(10):
		panic(errCrash)
	case w.chance(10):
		for _, entry := range in.Entries {
			w.find(w.origin(entry)).unsure = true
		}
		return nil, errFault
	}
	return out, nil
}

// store keeps a dead letter; a FIFO queue swallows a second one with the same deduplication id within five minutes.
func (w *world) store(entry types.SendMessageBatchRequestEntry) {
	if w.broken.withoutReason {
		entry.MessageAttributes = nil
	}
	if w.broken.changesSource {
		text := strings.Replace(*entry.MessageAttributes["Source"].StringValue, `"sentAt":"2`, `"sentAt":"1`, 1)
		entry.MessageAttributes["Source"] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(text)}
	}
	twice := slices.ContainsFunc(w.deadLetters, func(l sentDeadLetter) bool {
		return w.fifo && *l.MessageDeduplicationId == *entry.MessageDeduplicationId && time.Since(l.at) < 5*time.Minute
	})
	if !twice {
		w.deadLetters = append(w.deadLetters, sentDeadLetter{entry, time.Now()})
	}
}

func (w *world) ChangeMessageVisibilityBatch(_ context.Context, in *sqs.ChangeMessageVisibilityBatchInput, _ ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityBatchOutput, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.chance(5) {
		return nil, errFault
	}
	for _, entry := range in.Entries {
		if w.broken.returnsAtOnce {
			entry.VisibilityTimeout = 0
		}
		for _, m := range w.messages {
			if m.ReceiptHandle == *entry.ReceiptHandle && !m.gone {
				m.visibleAt = time.Now().Add(time.Duration(entry.VisibilityTimeout) * time.Second)
			}
		}
	}
	return &sqs.ChangeMessageVisibilityBatchOutput{}, nil
}

// fetch is Secrets Manager.
func (w *world) fetch(context.Context) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.chance(10) {
		return "", &secret.UnavailableError{Reason: "a fault of the model's"}
	}
	return w.secret, nil
}

// api is HelpCrunch as one environment sees it.
type api struct {
	*world
	environment int
}

// HelpCrunch does not know one chat, and answers 403 for another.
const (
	unknownChat   = 404
	forbiddenChat = 403
)

func (a api) Mark(ctx context.Context, key string, m mark.Mark) (*helpcrunch.Answer, error) {
	a.mu.Lock()
	n := len(a.calls)
	a.calls = append(a.calls, call{at: time.Now(), environment: a.environment, key: key, wanted: m})
	takes := time.Duration(a.random.IntN(400)) * time.Millisecond
	if a.chance(5) {
		takes = time.Duration(a.random.IntN(15)) * time.Second
	}
	a.mu.Unlock()
	timer := time.NewTimer(takes)
	defer timer.Stop()
	var answer *helpcrunch.Answer
	err := error(&helpcrunch.NoAnswerError{Timeout: true, Reason: "no answer in time"})
	select {
	case <-timer.C:
		answer, err = a.respond(n, key, m)
	case <-ctx.Done():
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.calls[n].answeredAt = time.Now()
	if answer != nil {
		a.calls[n].status = answer.Status
	}
	return answer, err
}

// respond returns a random answer; a 2xx changes the chat, and so does, sometimes, what breaks afterwards.
func (a api) respond(n int, key string, m mark.Mark) (*helpcrunch.Answer, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case key != a.validKey:
		return says(401, "unauthorized")
	case a.chance(5):
		return says(500, "x")
	case a.chance(4):
		return &helpcrunch.Answer{Status: 429, RetryAfter: time.Duration(a.random.IntN(3)*40) * time.Second}, nil
	case a.chance(2):
		return says(302, "x")
	case m.ID == unknownChat:
		return says(404, "chat_not_found")
	case m.ID == forbiddenChat:
		return says(403, "forbidden")
	}
	flag := target{m.ID, m.Reader}
	a.state[flag] = m.Read
	a.calls[n].wrote = true
	if a.chance(4) {
		return nil, &helpcrunch.NoAnswerError{Reason: "the connection broke"}
	}
	a.calls[n].overtaken = m.Read && a.overtaken(a.environment, flag)
	return &helpcrunch.Answer{Status: 200, Complete: true, Body: a.chat(m.ID)}, nil
}

func (w *world) origin(l types.SendMessageBatchRequestEntry) string {
	return cmp.Or(deadletter.Read(l.MessageAttributes).Source.MessageID, "m1")
}

func bySequence(a, b *tracked) int { return cmp.Compare(a.sequence, b.sequence) }
