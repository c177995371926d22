package account

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"helpcrunch-mark-read/local/eventsource"
	"helpcrunch-mark-read/local/lambda"
	"helpcrunch-mark-read/local/simulator"
	"helpcrunch-mark-read/local/sqs"
	"helpcrunch-mark-read/local/stack"
)

// Observe takes every invocation of the queue function. One that was not answered has deleted nothing.
func (a *Account) Observe(b eventsource.Batch) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if b.Err != nil && !wasKilled(b.Err) {
		a.report(fmt.Sprintf("an invocation of the queue function failed: %v", b.Err))
	}
	var event events.SQSEvent
	if err := json.Unmarshal(b.Event, &event); err != nil {
		a.report(fmt.Sprintf("an event is not JSON: %v", err))
	}
	seen := &batch{returned: map[string]bool{}, started: b.Started, ended: b.Started.Add(b.Took)}
	for _, id := range b.Returned {
		seen.returned[id] = true
	}
	for _, r := range event.Records {
		a.bodies[r.MessageId] = r.Body
		receives, _ := strconv.Atoi(r.Attributes["ApproximateReceiveCount"])
		u, valid := readUpdate(r.Body)
		seen.records = append(seen.records, record{delivery{r.MessageId, receives}, u, valid})
	}
	if b.Err == nil {
		a.held += len(b.Returned)
		a.waiting = append(a.waiting, seen)
	}
}

// wasKilled says whether an invocation failed because its process was killed from outside: a function may neither time out
// nor report an error of its own.
func wasKilled(err error) bool {
	var failed *lambda.Error
	return errors.As(err, &failed) && failed.Type == lambda.ProcessEnded && strings.HasSuffix(failed.Message, "signal: killed")
}

// Judge judges what was over before a moment, by which everything about it must have been logged and answered.
func (a *Account) Judge(s *stack.Stack, before time.Time) error {
	dead, err := s.SQS.Messages(s.DeadName)
	if err != nil {
		return err
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.noteCalls(s.Simulator)
	a.judge(dead, before)
	return nil
}

// noteCalls notes what HelpCrunch has seen since it was last asked. A call is noted when it has ended.
func (a *Account) noteCalls(s *simulator.Simulator) {
	gap := false
	for _, r := range s.Requests(a.since) {
		if r.Done && r.Read != nil && !a.noted[r.Number] {
			t := Target{r.Chat, r.Reader}
			a.calls[t] = append(a.calls[t], call{r.Time, *r.Read, r.Status, outcomeOf(r.Status, r.Fault)})
		}
		if gap = gap || !r.Done; gap {
			a.noted[r.Number] = r.Done
			continue
		}
		a.since = r.Number
		delete(a.noted, r.Number)
	}
}

// judge takes all dead letters, in the order in which they came.
func (a *Account) judge(all []sqs.Message, before time.Time) {
	for ; a.read < len(all); a.read++ {
		l := readDeadLetter(all[a.read])
		a.dead[l.message] = append(a.dead[l.message], l)
		a.unjudged = append(a.unjudged, l)
	}
	for len(a.unjudged) > 0 && a.unjudged[0].sent.Before(before) {
		a.report(a.judgeDead(a.unjudged[0], a.timeout))
		a.unjudged = a.unjudged[1:]
	}
	var later []*batch
	for _, b := range a.waiting {
		if b.ended.After(before) {
			later = append(later, b)
			continue
		}
		ends, faults := a.evidence.judge(b)
		a.report(faults...)
		maps.Copy(a.ends, ends)
		for _, r := range b.records {
			delete(a.lines, r.delivery)
		}
	}
	a.waiting = later
}
