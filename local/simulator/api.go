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
	endpoint    endpoint
	mark        mark
	wrong       []apiError // what is wrong with the mark
	made        []byte     // the Chat after the mark was made; nil before
	keyAccepted bool
	entry       *Request
}

func (s *Simulator) serveAPI(w http.ResponseWriter, r *http.Request) {
	// The whole body is read first: net/http notices that a client has gone only after that.
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequest))
	e, found := endpoints[r.URL.Path]
	c := &call{endpoint: e}
	if e.reader != "" {
		c.mark, c.wrong = decodeMark(body, e.reader)
		if err != nil {
			c.wrong = []apiError{{"body", "This value is too long."}}
		}
	}
	s.begin(c, r)
	response := &recorder{ResponseWriter: w}
	defer func() { s.finish(c, response.status) }() // also when the handler panics to break the connection
	switch {
	case !found:
		// A web server answers a path that no API knows; with a code of the API's a wrong base URL would look like a missing chat.
		htmlAnswer(http.StatusNotFound, "404 Not Found").write(response)
	case r.Method != e.method:
		w.Header().Set("Allow", e.method)
		errorAnswer(http.StatusMethodNotAllowed, apiError{"method_not_allowed", "Method not allowed"}).write(response)
	default:
		if f, ok := s.takeFault(c); ok {
			s.fail(response, r, c, f)
			return
		}
		s.serve(response, c)
	}
}

// begin enters a request into the journal as soon as it is seen.
func (s *Simulator) begin(c *call, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.keyAccepted = s.keys.accepts(r.Header.Get("Authorization"))
	c.entry = &Request{
		Time: time.Now(), Method: r.Method, Path: strings.ToValidUTF8(r.URL.Path[:min(len(r.URL.Path), maxPath)], ""),
		Reader: c.endpoint.reader, Chat: c.mark.id, KeyAccepted: c.keyAccepted,
	}
	if c.mark.hasRead {
		c.entry.Read = new(c.mark.read)
	}
	s.journal.begin(c.entry)
	if c.mark.unknownNames {
		s.journal.counts.UnknownNames++
	}
	s.changed()
}

func (s *Simulator) finish(c *call, status int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.journal.finish(c.entry, status)
	s.changed()
}

// serve answers as HelpCrunch does where no fault is met.
func (s *Simulator) serve(w http.ResponseWriter, c *call) {
	switch {
	case !c.keyAccepted:
		unauthorized.write(w)
	case !s.takeLimit():
		tooManyRequests.write(w)
	case c.endpoint.reader == "":
		jsonAnswer(http.StatusOK, sampleAgents).write(w)
	case c.wrong != nil:
		wrongFields(http.StatusBadRequest, c.wrong...).write(w)
	case !s.make(c):
		chatNotFound.write(w)
	default:
		jsonAnswer(http.StatusOK, c.made).write(w)
	}
}

func (s *Simulator) takeLimit() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.limit.take(time.Now())
}

// make makes the mark, once for a request, and says whether it could be made.
func (s *Simulator) make(c *call) bool {
	if c.made == nil && c.endpoint.reader != "" && c.wrong == nil {
		c.made, _ = s.write(c.mark)
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
