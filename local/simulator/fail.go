package simulator

import (
	"cmp"
	"net/http"
	"strconv"
	"time"

	smithytime "github.com/aws/smithy-go/time"
)

// redirected is where a redirect without a location of its own leads: a path that no API knows, so that a client that
// follows shows up in the journal.
const redirected = "/v1/redirected"

// fail answers a request as its fault does.
func (c *call) fail() {
	if c.fault.Applied {
		c.make()
	}
	if delay, _ := c.fault.delay(); delay > 0 { // checked when it was added
		c.wait(delay)
	}
	for name, value := range c.fault.Header {
		c.w.Header().Set(name, value)
	}
	if c.fault.RetryAfter != "" {
		c.w.Header().Set("Retry-After", c.fault.RetryAfter)
	}
	specs[c.fault.Kind].serve(c)
}

// wait lets time pass. A client that has gone meanwhile gets no answer, as net/http would otherwise send an empty 200.
func (c *call) wait(d time.Duration) {
	if smithytime.SleepWithContext(c.r.Context(), d) != nil {
		c.abort()
	}
}

// abort breaks the connection, as net/http wants it.
func (*call) abort() { panic(http.ErrAbortHandler) }

func (c *call) hang() {
	<-c.r.Context().Done()
	c.abort()
}

func fixed(a answer) func(*call) {
	return func(c *call) { a.write(c.w) }
}

// cutAt sends a share of the Chat that was promised.
func cutAt(share float64) func(*call) {
	return func(c *call) {
		body := documentedChat // where the mark cannot be made
		if c.make() {
			body = c.made
		}
		c.w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		jsonAnswer(http.StatusOK, body[:int(float64(len(body))*share)]).write(c.w)
		_ = http.NewResponseController(c.w).Flush() // best effort: the status is sent in any case
		c.abort()
	}
}

func (c *call) redirect() {
	c.w.Header().Set("Location", cmp.Or(c.fault.Location, redirected))
	c.w.WriteHeader(cmp.Or(c.fault.Status, http.StatusTemporaryRedirect))
}

func (c *call) showPage() {
	htmlAnswer(cmp.Or(c.fault.Status, http.StatusOK), "Please log in").write(c.w)
}

func (c *call) showSample() {
	c.make()
	jsonAnswer(http.StatusOK, documentedChat).write(c.w)
}

func (c *call) showChat() {
	c.s.mu.Lock()
	shown := chatNotFound
	if chat, ok := c.s.chats[c.mark.id]; ok {
		shown = jsonAnswer(http.StatusOK, encode(chat.chatBody))
	}
	c.s.mu.Unlock()
	shown.write(c.w)
}

func (c *call) answerAsSet() {
	if success(c.fault.Status) {
		c.make()
	}
	contentType := cmp.Or(c.w.Header().Get("Content-Type"), "application/json")
	answer{c.fault.Status, contentType, []byte(c.fault.Body)}.write(c.w)
}

func success(status int) bool { return status >= 200 && status <= 299 }
