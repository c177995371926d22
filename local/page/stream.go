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

// stream sends the state whenever it has changed, as server-sent events with the server's clock in milliseconds since 1970. A
// slow reader gets fewer and newer ones.
func (p *Page) stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	tick := time.NewTicker(streamTick)
	defer tick.Stop()
	pause := time.NewTimer(0)
	defer pause.Stop()
	var sent []byte
	for {
		// Before looking, so that no change falls between looking and waiting.
		helpCrunch, queues, feed := p.Simulator.Changed(), p.SQS.Changed(), p.Feed.next()
		state, err := p.state()
		if err == nil && !bytes.Equal(state, sent) {
			sent = state
			if _, err = fmt.Fprintf(w, "data: {\"at\": %d, \"state\": %s}\n\n", time.Now().UnixMilli(), state); err == nil {
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

// state is the snapshot as JSON without line breaks.
func (p *Page) state() ([]byte, error) {
	snapshot, err := p.snapshot()
	if err != nil {
		return nil, err
	}
	return json.Marshal(snapshot)
}
