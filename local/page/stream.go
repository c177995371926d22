package page

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

const (
	streamPause = 100 * time.Millisecond // between two events: changes meanwhile come together in the next
	streamTick  = time.Second            // time alone changes something: the budget's window moves on, messages come back
)

// event is one event of the stream.
type event struct {
	At       int64           `json:"at"` // the server's clock, milliseconds since 1970
	State    json.RawMessage `json:"state,omitempty"`
	Attempts []Attempt       `json:"attempts,omitempty"` // those since the event before, as far as they are remembered
}

// stream sends the state whenever it has changed, as server-sent events. A slow reader gets fewer and newer ones.
func (p *Page) stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	changes, stop := p.Simulator.Subscribe()
	defer stop()
	tick := time.NewTicker(streamTick)
	defer tick.Stop()
	pause := time.NewTimer(0)
	defer pause.Stop()
	s := sender{page: p, w: w, flush: http.NewResponseController(w).Flush}
	for {
		// Before looking, so that no change falls between looking and waiting.
		queues, feed := p.SQS.Changed(), p.o.Feed.next()
		if err := s.send(); err != nil {
			return // the reader has gone, or the stack is being taken down
		}
		pause.Reset(streamPause)
		select {
		case <-pause.C:
		case <-r.Context().Done():
			return
		}
		select {
		case <-changes:
		case <-queues:
		case <-feed:
		case <-tick.C:
		case <-r.Context().Done():
			return
		}
	}
}

// sender knows what one reader has received.
type sender struct {
	page  *Page
	w     http.ResponseWriter
	flush func() error

	state   []byte
	attempt int64
}

// send sends what the reader does not know yet, if there is anything.
func (s *sender) send() error {
	attempts, totals := s.page.o.Feed.since(s.attempt)
	snapshot, err := s.page.snapshot(totals)
	if err != nil {
		return err
	}
	state, err := json.Marshal(snapshot)
	if err != nil {
		return err
	}
	e := event{At: time.Now().UnixMilli(), Attempts: attempts}
	if !bytes.Equal(state, s.state) {
		e.State, s.state = state, state
	}
	if e.State == nil && len(attempts) == 0 {
		return nil
	}
	if len(attempts) > 0 {
		s.attempt = attempts[len(attempts)-1].Number
	}
	data, err := json.Marshal(e) // without line breaks, as an event's data must be
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(s.w, "data: %s\n\n", data); err != nil {
		return err
	}
	return s.flush()
}
