package page

import (
	"encoding/json"
	"time"

	"helpcrunch-mark-read/local/simulator"
	"helpcrunch-mark-read/local/sqs"
)

// Snapshot is everything that the page shows. Its parts are each taken at one moment, a little apart from one another.
type Snapshot struct {
	HelpCrunch helpCrunch `json:"helpcrunch"`
	Condition  string     `json:"condition"` // the name of what is wrong with HelpCrunch; "" for something the page has no name for
	Paused     bool       `json:"paused"`    // the queue is not being worked through
	Queue      Queue      `json:"queue"`
	Dead       Queue      `json:"dead"`
	Attempts   []Attempt  `json:"attempts"` // the newest at the end
	Totals     Totals     `json:"totals"`
	OpsFlags   string     `json:"opsFlags"` // of the commands to paste
}

// helpCrunch is the simulator's own account, unchanged but for the ids, which are text.
type helpCrunch struct {
	simulator.State
	Chats []chat `json:"chats"`
}

type chat struct {
	simulator.ChatState
	ID int64 `json:"id,string"`
}

// Queue is what lies in a queue.
type Queue struct {
	Total    int       `json:"total"`
	InFlight int       `json:"inFlight"`        // received and not yet deleted, or held until its visibility timeout is over
	Oldest   time.Time `json:"oldest,omitzero"` // when the oldest message was sent
	Messages []Message `json:"messages"`        // the first of them
}

// Message is one message. A body that is long is cut.
type Message struct {
	ID        string    `json:"id"`
	Mark      *mark     `json:"mark"` // nil for an invalid body
	Body      string    `json:"body"`
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

func (p *Page) snapshot() (s Snapshot, err error) {
	s.HelpCrunch.State = p.Simulator.State()
	s.HelpCrunch.Chats = []chat{}
	for _, state := range s.HelpCrunch.State.Chats {
		s.HelpCrunch.Chats = append(s.HelpCrunch.Chats, chat{state, state.ID})
	}
	s.Condition, s.Paused, s.OpsFlags = conditionOf(s.HelpCrunch.Faults), p.Mapping.Paused(), p.OpsFlags
	s.Attempts, s.Totals = p.Feed.shown()
	if s.Queue, err = p.queue(p.QueueName); err != nil {
		return s, err
	}
	s.Dead, err = p.queue(p.DeadName)
	return s, err
}

func (p *Page) queue(name string) (Queue, error) {
	messages, err := p.SQS.Messages(name)
	if err != nil {
		return Queue{}, err
	}
	q := Queue{Total: len(messages), Messages: []Message{}}
	for _, m := range messages {
		if m.InFlight {
			q.InFlight++
		}
		if q.Oldest.IsZero() || m.SentAt.Before(q.Oldest) {
			q.Oldest = m.SentAt
		}
		if len(q.Messages) < mostMessages {
			q.Messages = append(q.Messages, show(m))
		}
	}
	return q, nil
}

func show(m sqs.Message) Message {
	text := func(name string) string { return m.Attributes[name].StringValue }
	shown := Message{
		ID: m.ID, Mark: readMark(m.Body), Body: cut(m.Body), Receives: m.ReceiveCount, InFlight: m.InFlight,
		Outcome: text("Outcome"), Codes: text("ErrorCode"), Reason: text("ErrorMessage"), Status: text("HttpStatus"),
	}
	if shown.InFlight {
		shown.VisibleAt = m.VisibleAt
	}
	return shown
}

// readMark reads a body loosely: it is shown as a mark if it looks like one.
func readMark(body string) *mark {
	var in struct {
		ID     int64
		Reader string
		Read   *bool
	}
	if json.Unmarshal([]byte(body), &in) != nil || in.ID < 1 || in.Reader == "" || in.Read == nil {
		return nil
	}
	return &mark{Chat: in.ID, Reader: in.Reader, Read: *in.Read}
}

func cut(body string) string {
	if len(body) <= longestBody {
		return body
	}
	return body[:longestBody] + "..." // a character cut in two is shown as U+FFFD
}
