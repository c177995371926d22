// Package overview gathers what an operator looks for first, in parallel: what can't be read is reported beside the rest.
package overview

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"helpcrunch-mark-read/ops/internal/deadletters"
	"helpcrunch-mark-read/ops/internal/explain"
	"helpcrunch-mark-read/ops/internal/pause"
	"helpcrunch-mark-read/ops/internal/stack"
)

// Source is where the numbers are. Stack is nil when the queues were named one by one.
type Source struct {
	AWS      aws.Config
	Stack    *stack.Stack
	QueueURL string
	DeadURL  string
}

// Report is what was found. A part that could not be read is nil, and Unknown says why.
type Report struct {
	Stack       string       `json:"stack,omitempty"`
	At          time.Time    `json:"at"`
	State       *pause.State `json:"state,omitempty"`
	Rate        *Rate        `json:"rate,omitempty"`
	Backlog     *Backlog     `json:"backlog,omitempty"`
	DeadLetters *DeadLetters `json:"deadLetters,omitempty"`
	Key         *Credential  `json:"key,omitempty"`
	Tokens      *Tokens      `json:"tokens,omitempty"`
	LastDay     *LastDay     `json:"lastDay,omitempty"`
	Unknown     []string     `json:"unknown"` // a sentence for each call that failed
}

// Rate is the rate budget, and the calls to HelpCrunch a minute on average of the last five minutes that CloudWatch knows.
type Rate struct {
	Budget     int `json:"requestsPerMinute,omitempty"` // of the queue
	Queue      int `json:"queueCallsPerMinute"`
	HTTP       int `json:"httpCallsPerMinute"`
	AgeSeconds int `json:"ageSeconds"`
}

// Backlog is what is on the queue. SQS calls its numbers approximate.
type Backlog struct {
	Waiting     int       `json:"waiting"`
	InFlight    int       `json:"inFlight"`    // being worked on, or held
	HeldAtLeast int       `json:"heldAtLeast"` // of those: more than can be worked on at once
	Oldest      *Age      `json:"oldest,omitempty"`
	Empty       *Estimate `json:"empty,omitempty"`
}

// Age is how long the oldest mark has waited, and how old that knowledge is.
type Age struct {
	Seconds    int `json:"seconds"`
	AgeSeconds int `json:"ageSeconds"`
}

// Estimate is when the queue is empty, at today's rate: what left it and came in during the last ten minutes, or the rate
// budget where nothing left.
type Estimate struct {
	LeftPerMinute int  `json:"leftPerMinute"`
	CamePerMinute int  `json:"camePerMinute"`
	ByBudget      bool `json:"byBudget,omitempty"` // nothing left the queue lately: it is counted with the whole budget
	Minutes       *int `json:"minutes,omitempty"`  // nil: at this rate never
	AgeSeconds    int  `json:"ageSeconds,omitempty"`
}

// DeadLetters counts them; ByOutcome only when they were looked at.
type DeadLetters struct {
	Count     int            `json:"count"`
	ByOutcome map[string]int `json:"byOutcome,omitempty"`
}

// Credential is what the last attempts of a day show of HelpCrunch's key. The times are the ends of five-minute periods.
type Credential struct {
	Accepted    time.Time `json:"accepted,omitzero"`
	Rejected    time.Time `json:"rejected,omitzero"`
	Unavailable time.Time `json:"unavailable,omitzero"`
}

// Tokens are the callers that functions/http refused in the last day.
type Tokens struct {
	Unknown     int       `json:"unknown"`              // without a token that is known
	Unreadable  int       `json:"unreadable"`           // because the tokens could not be read
	Unavailable time.Time `json:"unavailable,omitzero"` // the last of those
}

// LastDay counts marks of the last 24 hours.
type LastDay struct {
	Overtaken  int `json:"overtaken"`
	NotApplied int `json:"notApplied"`
}

// Gather asks everything at once.
func (s *Source) Gather(ctx context.Context) *Report {
	r := &Report{At: time.Now().UTC(), Unknown: []string{}}
	var mu sync.Mutex
	var all sync.WaitGroup
	ask := func(part func() error) {
		all.Go(func() {
			if err := part(); err != nil {
				mu.Lock()
				defer mu.Unlock()
				r.Unknown = append(r.Unknown, explain.Sentence(err))
			}
		})
	}
	var recent *recent
	ask(func() (err error) { r.Backlog, err = s.backlog(ctx); return err })
	ask(func() (err error) { r.DeadLetters, err = s.deadLetters(ctx); return err })
	if s.Stack != nil {
		r.Stack = s.Stack.Name
		if s.Stack.Outputs[stack.EventSourceMappingID] != "" {
			ask(func() (err error) { r.State, err = (&pause.Switch{AWS: s.AWS, Stack: s.Stack}).Read(ctx); return err })
		}
		ask(func() (err error) { recent, err = s.recent(ctx, r.At); return err })
		ask(func() error { return s.day(ctx, r) })
	}
	all.Wait()
	slices.Sort(r.Unknown)
	r.Unknown = slices.Compact(r.Unknown)
	if recent != nil {
		r.Rate = recent.rate(s.Stack.Parameter(stack.RequestsPerMinute))
	}
	if r.Backlog != nil {
		r.Backlog.complete(recent, s.Stack.Parameter(stack.RequestsPerMinute))
	}
	return r
}

func (s *Source) backlog(ctx context.Context) (*Backlog, error) {
	counts, err := deadletters.Count(ctx, sqs.NewFromConfig(s.AWS), s.QueueURL)
	if err != nil {
		return nil, err
	}
	b := &Backlog{Waiting: counts.Visible + counts.Delayed, InFlight: counts.InFlight}
	if atOnce := s.Stack.Parameter(stack.BatchSize) * s.Stack.Parameter(stack.MaximumConcurrency); atOnce > 0 {
		b.HeldAtLeast = max(0, counts.InFlight-atOnce)
	}
	return b, nil
}

func (s *Source) deadLetters(ctx context.Context) (*DeadLetters, error) {
	counts, err := deadletters.Count(ctx, sqs.NewFromConfig(s.AWS), s.DeadURL)
	if err != nil {
		return nil, err
	}
	return &DeadLetters{Count: counts.Total()}, nil
}
