package simulator

import (
	"io"
	"net/http"
	"strings"
	"time"
)

// maxPath is how much of a path the journal keeps, in bytes.
const maxPath = 200

// endpoint is one path of HelpCrunch's API; one without a reader lists the agents.
type endpoint struct{ method, reader string }

var endpoints = map[string]endpoint{
	"/v1/chats/readByAgent":    {http.MethodPut, Agent},
	"/v1/chats/readByCustomer": {http.MethodPut, Customer},
	"/v1/agents":               {method: http.MethodGet},
}

// call is one request while it is served.
type call struct {
	s *Simulator
	w http.ResponseWriter
	r *http.Request

	reader  string // "" for an endpoint that marks nothing
	mark    mark
	wrong   []apiError // what is wrong with the mark
	made    []byte     // the Chat after the mark was made; nil before
	fault   Fault      // that it meets
	entry   *Request
	journal *journal // that has the entry; a reset begins another one
}

func (s *Simulator) serveAPI(w http.ResponseWriter, r *http.Request) {
	// The whole body is read first: net/http notices that a client has gone only after that.
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	e, found := endpoints[r.URL.Path]
	response := &recorder{ResponseWriter: w}
	c := &call{s: s, w: response, r: r, reader: e.reader}
	if e.reader != "" {
		c.mark, c.wrong = decodeMark(body)
		if err != nil {
			c.wrong = []apiError{{"body", "This value is too long."}}
		}
	}
	c.begin()
	defer func() { c.finish(response.status) }() // also when the handler panics to break the connection
	switch {
	case !found:
		// A web server answers a path that no API knows; with a code of the API's a wrong base URL would look like a missing chat.
		htmlAnswer(http.StatusNotFound, "404 Not Found").write(response)
	case r.Method != e.method:
		w.Header().Set("Allow", e.method)
		errorAnswer(http.StatusMethodNotAllowed, apiError{"method_not_allowed", "Method not allowed"}).write(response)
	case c.takeFault():
		c.fail()
	default:
		c.serve()
	}
}

// begin enters a request into the journal once its body is read.
func (c *call) begin() {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.entry = &Request{
		Time: time.Now(), Method: c.r.Method, Path: strings.ToValidUTF8(c.r.URL.Path[:min(len(c.r.URL.Path), maxPath)], ""),
		Reader: c.reader, Chat: c.mark.id, Read: c.mark.read, KeyAccepted: c.s.keys.accepts(c.r.Header.Get("Authorization")),
	}
	c.journal = c.s.journal
	c.journal.begin(c.entry)
	if c.mark.unknownNames {
		c.journal.counts.UnknownNames++
	}
	c.s.changed()
}

func (c *call) finish(status int) {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	c.entry.Status, c.entry.Done = status, true
	c.journal.counts.InFlight--
	c.journal.counts.ByStatus[status]++
	c.s.changed()
}

// serve answers as HelpCrunch does where no fault is met.
func (c *call) serve() {
	switch {
	case !c.entry.KeyAccepted:
		unauthorized.write(c.w)
	case !c.takeLimit():
		tooManyRequests.write(c.w)
	case c.reader == "":
		jsonAnswer(http.StatusOK, sampleAgents).write(c.w)
	case c.wrong != nil:
		wrongFields(http.StatusBadRequest, c.wrong...).write(c.w)
	case !c.make():
		chatNotFound.write(c.w)
	default:
		jsonAnswer(http.StatusOK, c.made).write(c.w)
	}
}

func (c *call) takeLimit() bool {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	return c.s.limit.take(time.Now())
}

// make makes the mark, once for a request, and says whether it could be made.
func (c *call) make() bool {
	c.s.mu.Lock()
	defer c.s.mu.Unlock()
	if chat, ok := c.s.chats[c.mark.id]; ok && c.made == nil && c.reader != "" && c.wrong == nil {
		c.made = chat.write(c.reader, *c.mark.read)
		c.journal.counts.Writes++
	}
	return c.made != nil
}

// recorder notes the status for the journal; 0 means that none was sent.
type recorder struct {
	http.ResponseWriter
	status int
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the connection below.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
