package page

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"helpcrunch-mark-read/local/lambda"
	"helpcrunch-mark-read/local/loopback"
)

// shownEvent is an event as the browser reads it.
type shownEvent struct {
	At    int64
	State Snapshot
}

// reader is a browser's end of the stream without a socket, which a bubble of simulated time could not see.
type reader struct {
	header http.Header

	mu     sync.Mutex
	events []shownEvent
	last   Snapshot
}

func (r *reader) Header() http.Header { return r.header }
func (r *reader) WriteHeader(int)     {}
func (r *reader) Flush()              {}

func (r *reader) Write(p []byte) (int, error) {
	event, err := parseEvent(string(p))
	if err != nil {
		return 0, err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, event)
	r.last = event.State
	return len(p), nil
}

func (r *reader) writes() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.last.HelpCrunch.Counts.Writes
}

func parseEvent(text string) (event shownEvent, err error) {
	data, isData := strings.CutPrefix(text, "data: ")
	if !isData || !strings.HasSuffix(data, "\n\n") || strings.Count(data, "\n") != 2 {
		return event, fmt.Errorf("no event: %q", text)
	}
	return event, json.Unmarshal([]byte(data), &event)
}

// listen reads the stream until the test ends.
func (h *harness) listen(t *testing.T) *reader {
	r := &reader{header: http.Header{}}
	ctx, cancel := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() {
		h.page.ServeHTTP(r, httptest.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1/stream", nil))
	})
	t.Cleanup(done.Wait)
	t.Cleanup(cancel)
	return r
}

// put makes a mark at the simulator, as a function would, and logs the attempt.
func (h *harness) put(i int) {
	body := fmt.Sprintf(`{"id": %d, "read": %t}`, 5208+i%12, i%2 == 0)
	r := httptest.NewRequest(http.MethodPut, "http://helpcrunch.local/v1/chats/readByAgent", strings.NewReader(body))
	r.Header.Set("Authorization", "Bearer "+key)
	answer, err := loopback.Transport(h.simulator).RoundTrip(r)
	if err != nil {
		h.t.Fatal(err)
	}
	answer.Body.Close()
	h.feed.Log(lambda.Line{Function: "http", Text: fmt.Sprintf(`{"message":"attempt","outcome":"applied","chatId":%d}`, 5208+i%12)})
}

func TestKeepsUpWithFiftyMarksASecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, "http://gateway.local")
		r := h.listen(t)
		const perSecond, seconds = 50, 60
		for i := range perSecond * seconds {
			h.put(i)
			time.Sleep(time.Second / perSecond)
			if behind := i + 1 - r.writes(); behind > perSecond/5 {
				t.Fatalf("after %d marks the page is %d behind", i+1, behind)
			}
		}
		time.Sleep(streamPause)
		synctest.Wait()
		r.mu.Lock()
		defer r.mu.Unlock()
		if most := seconds*int(time.Second/streamPause) + 2; len(r.events) > most {
			t.Errorf("%d events, want %d at most", len(r.events), most)
		}
		if want := h.account(t); !reflect.DeepEqual(r.last.HelpCrunch, want) {
			t.Errorf("the page shows\n%+v\nthe simulator\n%+v", r.last.HelpCrunch, want)
		}
		attempts := map[int64]bool{}
		for _, event := range r.events {
			for _, a := range event.State.Attempts {
				attempts[a.Number] = true
			}
		}
		if len(attempts) != perSecond*seconds || !attempts[perSecond*seconds] {
			t.Errorf("%d attempts shown; want %d", len(attempts), perSecond*seconds)
		}
		if got := r.last.Totals.ByOutcome["applied"]; got != perSecond*seconds {
			t.Errorf("%d applied in total, want %d", got, perSecond*seconds)
		}
	})
}

// account is the simulator's own account, as JSON carries it.
func (h *harness) account(t *testing.T) (account helpCrunch) {
	t.Helper()
	state := h.simulator.State()
	for _, c := range state.Chats {
		shown := chat{c, c.ID}
		shown.ChatState.ID = 0 // the page's own is exact
		account.Chats = append(account.Chats, shown)
	}
	state.Chats = nil
	text, err := json.Marshal(state)
	if err == nil {
		err = json.Unmarshal(text, &account.State)
	}
	if err != nil {
		t.Fatal(err)
	}
	return account
}

func TestIdsAreExact(t *testing.T) {
	h := newHarnessWithGateway(t)
	const id = 1<<63 - 1
	if err := h.simulator.SetChat(id, false, false); err != nil {
		t.Fatal(err)
	}
	h.act("mark", fmt.Sprintf(`{"via": "queue", "chat": "%d", "reader": "agent", "read": true}`, id))
	h.feed.Log(lambda.Line{Text: fmt.Sprintf(`{"message":"attempt","outcome":"applied","chatId":%d}`, id)})
	snapshot, err := h.page.snapshot()
	if err != nil {
		t.Fatal(err)
	}
	for name, v := range map[string]any{"the inbox": snapshot.HelpCrunch.Chats[12], "the queue": snapshot.Queue.Messages[0].Mark, "the attempts": snapshot.Attempts[0]} {
		if text, _ := json.Marshal(v); !strings.Contains(string(text), `"9223372036854775807"`) {
			t.Errorf("%s: %s, want the id as text", name, text)
		}
	}
}

func TestAgeAndPlaceOfWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, "http://gateway.local")
		first := time.Now()
		for range 3 {
			h.act("invalid", `{"via": "queue"}`)
			time.Sleep(time.Minute)
		}
		snapshot, err := h.page.snapshot()
		if q := snapshot.Queue; err != nil || q.Total != 3 || q.InFlight != 0 || !q.Oldest.Equal(first) || q.Messages[0].Mark != nil || q.Messages[0].Body == "" {
			t.Errorf("%+v (%v)", q, err)
		}
		if !snapshot.Dead.Oldest.IsZero() {
			t.Errorf("an empty queue is %v old", snapshot.Dead.Oldest)
		}
	})
}

func TestShowsWhatTimeAloneChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := newHarness(t, "http://gateway.local")
		h.put(0)
		r := h.listen(t)
		time.Sleep(62 * time.Second)
		r.mu.Lock()
		defer r.mu.Unlock()
		if n := r.last.HelpCrunch.Limit.Used; n != 0 {
			t.Errorf("%d requests of the budget are used a minute later, want 0", n)
		}
		if len(r.events) != 2 {
			t.Errorf("%d events, want one at the start and one when the budget is free again", len(r.events))
		}
	})
}

func TestStreamOverHTTP(t *testing.T) {
	h := newHarness(t, "http://gateway.local")
	server := httptest.NewServer(h.page)
	defer server.Close()
	defer server.CloseClientConnections()
	for i := range 300 {
		h.put(i)
	}
	answer, err := http.Get(server.URL + "/stream")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if got := answer.Header.Get("Content-Type"); got != "text/event-stream" {
		t.Errorf("Content-Type = %q", got)
	}
	lines := bufio.NewReader(answer.Body)
	first := readEvent(t, lines)
	if !reflect.DeepEqual(first.State.HelpCrunch, h.account(t)) {
		t.Errorf("the first event shows %+v, want %+v", first.State.HelpCrunch, h.account(t))
	}
	if n := len(first.State.Attempts); n != feedSize || first.State.Attempts[n-1].Number != 300 {
		t.Errorf("%d attempts up to number %d, want the last %d of 300", n, first.State.Attempts[n-1].Number, feedSize)
	}
	h.put(300)
	for event := first; event.State.HelpCrunch.Counts.Writes < 301; {
		event = readEvent(t, lines) // go test's own timeout ends this if it never comes
	}
}

func readEvent(t *testing.T, lines *bufio.Reader) shownEvent {
	t.Helper()
	data, err := lines.ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	end, err := lines.ReadString('\n')
	if err != nil && err != io.EOF {
		t.Fatal(err)
	}
	event, err := parseEvent(data + end)
	if err != nil {
		t.Fatal(err)
	}
	return event
}

func TestStreamHoldsNoSecret(t *testing.T) {
	h := newHarnessWithGateway(t)
	if status, answer := h.act("rotate", `{}`); status != http.StatusOK {
		t.Fatal(answer)
	}
	snapshot, err := h.page.snapshot()
	if err != nil {
		t.Fatal(err)
	}
	text, _ := json.Marshal(snapshot)
	for _, secret := range []string{"local-caller-token", key, "local-"} {
		if strings.Contains(string(text), secret) {
			t.Errorf("%q stands in %s", secret, text)
		}
	}
}
