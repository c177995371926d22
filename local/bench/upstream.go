package bench

import (
	"crypto/tls"
	"net"
	"sync/atomic"
	"time"
)

// Upstream is a server that answers every request alike: HelpCrunch, or Secrets Manager.
type Upstream struct {
	URL      string
	listener net.Listener
	answer   []byte
	away     time.Duration // what each answer takes
	requests atomic.Int64
}

// UpstreamConfig says what an Upstream answers and how far away it is.
type UpstreamConfig struct {
	Answer []byte        // the whole HTTP response
	Away   time.Duration // what every answer takes; with Trips, what every exchange takes
	TLS    *tls.Config   // nil: plain HTTP
	Trips  bool          // the handshakes of TCP and TLS take Away too, as on a real network
}

// StartUpstream starts a server on the loopback interface.
func StartUpstream(c UpstreamConfig) (*Upstream, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	u := &Upstream{URL: "http://" + listener.Addr().String(), listener: listener, answer: c.Answer, away: c.Away}
	serving := listener
	if c.TLS != nil {
		u.URL = "https://" + listener.Addr().String()
		if c.Trips {
			serving = farListener{listener, c.Away}
		}
		serving = tls.NewListener(serving, c.TLS)
	}
	go acceptAll(serving, u.serve)
	return u, nil
}

// Close ends the listener.
func (u *Upstream) Close() error { return u.listener.Close() }

// Requests is how many requests have come.
func (u *Upstream) Requests() int64 { return u.requests.Load() }

func (u *Upstream) serve(connection net.Conn) {
	in := newMessageReader(connection)
	for {
		if _, err := in.next(); err != nil {
			return
		}
		u.requests.Add(1)
		if u.away > 0 {
			<-time.After(u.away)
		}
		if _, err := connection.Write(u.answer); err != nil {
			return
		}
	}
}

// farListener accepts connections whose handshakes take as long as two exchanges over the distance: TCP's, which is made
// up for with the first thing that is sent, and TLS 1.3's.
type farListener struct {
	net.Listener
	away time.Duration
}

// Accept gives the next connection.
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
