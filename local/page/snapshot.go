package page

import (
	"time"

	"helpcrunch-mark-read/local/simulator"
	"helpcrunch-mark-read/local/sqs"
)

// Snapshot is everything that the page shows but the attempts one by one. Its parts are each taken at one moment, a
// little apart from one another.
type Snapshot struct {
	HelpCrunch simulator.State `json:"helpcrunch"` // the simulator's own account, unchanged
	Weather    string          `json:"weather"`    // the name of what is wrong with HelpCrunch; "" for something the page has no name for
	Queue      Queue           `json:"queue"`
	Dead       Queue           `json:"dead"`
	Totals     Totals          `json:"totals"`
}

// Queue is what lies in a queue.
type Queue struct {
	Total    int       `json:"total"`
	Visible  int       `json:"visible"`
	InFlight int       `json:"inFlight"` // received and not yet deleted, or held until its visibility timeout is over
	Messages []Message `json:"messages"` // the first of them
}

// Message is one message. A body that is long is cut.
type Message struct {
	ID        string    `json:"id"`
	Body      string    `json:"body"`
	SentAt    time.Time `json:"sentAt"`
	Receives  int       `json:"receives"`
	InFlight  bool      `json:"inFlight"`
	VisibleAt time.Time `json:"visibleAt,omitzero"` // while it is in flight: when it comes back unless it is deleted

	// Of a dead letter only.
	Outcome string `json:"outcome,omitempty"`
	Codes   string `json:"codes,omitempty"`
	Reason  string `json:"reason,omitempty"`
	Status  string `json:"status,omitempty"`
}

const (
	mostMessages = 30  // of a queue that are shown one by one
	longestBody  = 200 // bytes
)

func (p *Page) snapshot(totals Totals) (s Snapshot, err error) {
	s.HelpCrunch = p.o.Simulator.State()
	s.Weather = weatherName(s.HelpCrunch.Faults)
	s.Totals = totals
	if s.Queue, err = p.queue(p.o.QueueName); err != nil {
		return s, err
	}
	s.Dead, err = p.queue(p.o.DeadName)
	return s, err
}

func (p *Page) queue(name string) (Queue, error) {
	messages, err := p.o.Queues.Messages(name)
	if err != nil {
		return Queue{}, err
	}
	q := Queue{Total: len(messages), Messages: []Message{}}
	for _, m := range messages {
		if m.State == sqs.Visible {
			q.Visible++
		} else {
			q.InFlight++
		}
		if len(q.Messages) < mostMessages {
			q.Messages = append(q.Messages, show(m))
		}
	}
	return q, nil
}

func show(m sqs.Message) Message {
	shown := Message{
		ID: m.ID, Body: cut(m.Body), SentAt: m.SentAt, Receives: m.ReceiveCount, InFlight: m.State != sqs.Visible,
		Outcome: m.Attributes[attributeOutcome].StringValue,
		Codes:   m.Attributes[attributeErrorCode].StringValue,
		Reason:  m.Attributes[attributeErrorMessage].StringValue,
		Status:  m.Attributes[attributeHTTPStatus].StringValue,
	}
	if shown.InFlight {
		shown.VisibleAt = m.VisibleAt
	}
	return shown
}

func cut(body string) string {
	if len(body) <= longestBody {
		return body
	}
	return body[:longestBody] + "..." // a character cut in two is shown as U+FFFD
}
