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
	var sent []byte
	for {
		// Before looking, so that no change falls between looking and waiting.
		helpCrunch, queues, feed := p.Simulator.Changed(), p.SQS.Changed(), p.Feed.next()
		snapshot, err := p.snapshot()
		state, _ := json.Marshal(snapshot) // it holds nothing that cannot be JSON
		if err == nil && !bytes.Equal(state, sent) {
			sent = state
			if _, err = fmt.Fprintf(w, "data: {\"at\": %d, \"state\": %s}\n\n", time.Now().UnixMilli(), state); err == nil {
				err = http.NewResponseController(w).Flush()
			}
		}
		if err != nil {
			return // the reader has gone, or the stack is being taken down
		}
		select {
		case <-time.After(streamPause):
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
