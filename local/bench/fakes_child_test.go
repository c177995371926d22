package bench

import (
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"
)

// patience bounds every wait for a function.
const patience = 2 * time.Minute // callgrind is fifty times slower than the function

// serveFakes is the child process: its control API starts upstreams and Runtime APIs. It ends with its standard input.
func serveFakes() {
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		os.Exit(0)
	}()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println("http://" + listener.Addr().String())
	c := &child{functions: map[string]*function{}}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /upstreams", respond(c.upstream))
	mux.HandleFunc("POST /functions", respond(c.start))
	mux.HandleFunc("POST /functions/{address}/start", respond(c.awaitStart))
	mux.HandleFunc("POST /functions/{address}/invoke", respond(c.invoke))
	mux.HandleFunc("DELETE /functions/{address}", respond(c.stop))
	fmt.Fprintln(os.Stderr, http.Serve(listener, mux))
}

func respond(do func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		out, err := do(r)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		_ = json.NewEncoder(w).Encode(out)
	}
}

type child struct {
	mu        sync.Mutex
	functions map[string]*function // by address
}

func (c *child) of(r *http.Request) *function {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.functions[r.PathValue("address")]
}

// upstream is a server that answers every request alike: HelpCrunch, or Secrets Manager.
type upstream struct {
	ContentType string
	Answer      []byte
	Away        time.Duration // what each answer takes
	Bundle      string        // the file to write a bundle of root certificates to that trusts the server; none: plain HTTP
	Trips       bool          // the handshakes of TCP and TLS take Away too, as on a real network
}

func (u upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	if u.Away > 0 {
		<-time.After(u.Away)
	}
	w.Header().Set("Content-Type", u.ContentType)
	w.Header().Set("Content-Length", strconv.Itoa(len(u.Answer)))
	_, _ = w.Write(u.Answer)
}

func (c *child) upstream(r *http.Request) (any, error) {
	var u upstream
	if err := json.NewDecoder(r.Body).Decode(&u); err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	url := "http://" + listener.Addr().String()
	if u.Bundle != "" {
		certificate, err := writeBundle(u.Bundle)
		if err != nil {
			return nil, err
		}
		if u.Trips {
			listener = farListener{listener, u.Away}
		}
		url, listener = "https://"+listener.Addr().String(), tls.NewListener(listener, certificate)
	}
	go func() { _ = http.Serve(listener, u) }()
	return url, nil
}

// function is the Runtime API of one function.
type function struct {
	server  *http.Server
	polls   chan time.Time // when the function asked for work
	work    chan []byte
	answers chan answer
}

// answer is what the function posted, and when.
type answer struct {
	body []byte
	at   time.Time
}

// invoked is the last answer and how long it took.
type invoked struct {
	Answer []byte
	Took   time.Duration
}

func (c *child) start(*http.Request) (any, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	f := &function{polls: make(chan time.Time, 1), work: make(chan []byte), answers: make(chan answer, 1)}
	f.server = &http.Server{Handler: f}
	go func() { _ = f.server.Serve(listener) }()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.functions[listener.Addr().String()] = f
	return listener.Addr().String(), nil
}

func (c *child) awaitStart(r *http.Request) (any, error) { return await(c.of(r).polls) }

func (c *child) stop(r *http.Request) (any, error) { return "", c.of(r).server.Close() }

// invoke expects a function that waits for work.
func (c *child) invoke(r *http.Request) (any, error) {
	f := c.of(r)
	event, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	times, err := strconv.Atoi(r.URL.Query().Get("times"))
	if err != nil {
		return nil, err
	}
	var out invoked
	for range times {
		started := time.Now()
		select {
		case f.work <- event:
		case <-time.After(patience):
			return nil, errors.New("the function does not ask for work")
		}
		a, err := await(f.answers)
		if err != nil {
			return nil, err
		}
		if _, err := await(f.polls); err != nil {
			return nil, err
		}
		out = invoked{a.body, a.at.Sub(started)}
	}
	return out, nil
}

// ServeHTTP answers the function: its questions for work, and everything else as what it posts.
func (f *function) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		body, err := io.ReadAll(r.Body)
		if err == nil {
			f.answers <- answer{body, time.Now()}
			w.WriteHeader(http.StatusAccepted)
		}
		return
	}
	f.polls <- time.Now()
	select {
	case event := <-f.work:
		h := w.Header()
		h.Set("Content-Type", "application/json")
		h.Set("Content-Length", strconv.Itoa(len(event)))
		h.Set("Lambda-Runtime-Aws-Request-Id", "8476a536-e9f4-11e8-9739-2dfe598c3fcd")
		h.Set("Lambda-Runtime-Invoked-Function-Arn", "arn:aws:lambda:eu-central-1:123456789012:function:bench")
		h.Set("Lambda-Runtime-Trace-Id", "Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1")
		h.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(time.Now().Add(time.Minute).UnixMilli(), 10))
		_, _ = w.Write(event)
	case <-r.Context().Done():
	}
}

func await[T any](from <-chan T) (value T, err error) {
	select {
	case value = <-from:
		return value, nil
	case <-time.After(patience):
		return value, errors.New("the function gave no answer")
	}
}

// farListener accepts connections whose handshakes take as long as two exchanges over the distance: TCP's, which is made
// up for with the first thing that is sent, and TLS 1.3's.
type farListener struct {
	net.Listener
	away time.Duration
}

func (l farListener) Accept() (net.Conn, error) {
	connection, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &farConn{Conn: connection, owed: 2 * l.away}, nil
}

type farConn struct {
	net.Conn
	owed time.Duration
}

// Write is called by one goroutine at a time: crypto/tls sees to that.
func (c *farConn) Write(b []byte) (int, error) {
	if c.owed > 0 {
		<-time.After(c.owed)
		c.owed = 0
	}
	return c.Conn.Write(b)
}
