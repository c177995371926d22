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
	tick := time.NewTicker(streamTick)
	defer tick.Stop()
	pause := time.NewTimer(0)
	defer pause.Stop()
	var known known
	for {
		// Before looking, so that no change falls between looking and waiting.
		helpCrunch, queues, feed := p.Simulator.Changed(), p.SQS.Changed(), p.o.Feed.next()
		data, err := p.news(&known)
		if err == nil && data != nil {
			if _, err = fmt.Fprintf(w, "data: %s\n\n", data); err == nil {
				err = http.NewResponseController(w).Flush()
			}
		}
		if err != nil {
			return // the reader has gone, or the stack is being taken down
		}
		pause.Reset(streamPause)
		select {
		case <-pause.C:
		case <-r.Context().Done():
			return
		}
		select {
		case <-helpCrunch:
		case <-queues:
		case <-feed:
		case <-tick.C:
		case <-r.Context().Done():
			return
		}
	}
}

// known is what one reader has received.
type known struct {
	state   []byte
	attempt int64
}

// news returns what the reader does not know yet as an event's data, without line breaks; nil for nothing.
func (p *Page) news(k *known) ([]byte, error) {
	attempts, totals := p.o.Feed.since(k.attempt)
	snapshot, err := p.snapshot(totals)
	if err != nil {
		return nil, err
	}
	state, err := json.Marshal(snapshot)
	if err != nil {
		return nil, err
	}
	e := event{At: time.Now().UnixMilli(), Attempts: attempts}
	if !bytes.Equal(state, k.state) {
		e.State, k.state = state, state
	}
	if len(attempts) > 0 {
		k.attempt = attempts[len(attempts)-1].Number
	} else if e.State == nil {
		return nil, nil
	}
	return json.Marshal(e)
}
