package account

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"helpcrunch-mark-read/local/eventsource"
	"helpcrunch-mark-read/local/lambda"
	"helpcrunch-mark-read/local/simulator"
	"helpcrunch-mark-read/local/sqs"
)

// audit follows every message from delivery to delivery to its end. It is safe for concurrent use.
type audit struct {
	broken  *broken
	timeout time.Duration // of one invocation of the queue function

	mu sync.Mutex
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

func newAudit(b *broken, timeout time.Duration) *audit {
	return &audit{
		broken: b, timeout: timeout, evidence: newEvidence(), ends: map[string]ending{}, overtaken: map[string]bool{}, noted: map[int64]bool{},
	}
}

// line notes what the queue function logs.
func (a *audit) line(text string) {
	line, ok := readLine(text)
	if !ok {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.lines[delivery{line.MessageID, line.ReceiveCount}] = line
	a.overtaken[line.MessageID] = line.Overtaken
}

// observe notes an invocation. One that was not answered has deleted nothing.
func (a *audit) observe(b eventsource.Batch) {
	if b.Err != nil && !wasKilled(b.Err) {
		a.broken.add(fmt.Sprintf("an invocation of the queue function failed: %v", b.Err))
	}
	var event events.SQSEvent
	if err := json.Unmarshal(b.Event, &event); err != nil {
		a.broken.add(fmt.Sprintf("an event is not JSON: %v", err))
	}
	seen := &batch{returned: map[string]bool{}, started: b.Started, ended: b.Started.Add(b.Took)}
	for _, id := range b.Returned {
		seen.returned[id] = true
	}
	a.mu.Lock()
	defer a.mu.Unlock()
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
	var exit *lambda.ExitError
	var init *lambda.InitError
	return (errors.As(err, &exit) || errors.As(err, &init)) && strings.Contains(err.Error(), "signal: killed")
}

// noteCalls notes what HelpCrunch has seen since it was last asked. A call is noted when it has ended.
func (a *audit) noteCalls(s *simulator.Simulator) {
	a.mu.Lock()
	defer a.mu.Unlock()
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

// judge judges what was over before a moment: by then, everything about it is known. all are all dead letters, in the
// order in which they came.
func (a *audit) judge(all []sqs.Message, before time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for ; a.read < len(all); a.read++ {
		l := readDeadLetter(all[a.read])
		a.dead[l.message] = append(a.dead[l.message], l)
		a.unjudged = append(a.unjudged, l)
	}
	for len(a.unjudged) > 0 && a.unjudged[0].sent.Before(before) {
		a.broken.add(a.judgeDead(a.unjudged[0], a.timeout))
		a.unjudged = a.unjudged[1:]
	}
	var later []*batch
	for _, b := range a.waiting {
		if b.ended.After(before) {
			later = append(later, b)
			continue
		}
		ends, faults := a.evidence.judge(b)
		a.broken.add(faults...)
		maps.Copy(a.ends, ends)
		for _, r := range b.records {
			delete(a.lines, r.delivery)
		}
	}
	a.waiting = later
}
