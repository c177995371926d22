package soak

import (
	"encoding/pem"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"sync/atomic"

	"helpcrunch-mark-read/local/simulator"
)

// tlsServer is HelpCrunch as it is reached in truth: over TLS. It can take connections and never finish a handshake.
type tlsServer struct {
	server      *httptest.Server
	certificate string // the file that the functions trust
	handler     atomic.Pointer[simulator.Simulator]
	silent      atomic.Bool
}

// serveTLS serves a simulator that is set before the first call.
func serveTLS() (*tlsServer, error) {
	t := &tlsServer{}
	t.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { t.handler.Load().ServeHTTP(w, r) }))
	t.server.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes that fail are what is wanted
	t.server.Listener = listener{t.server.Listener, &t.silent}
	t.server.StartTLS()
	file, err := os.CreateTemp("", "helpcrunch-mark-read-*.pem")
	if err != nil {
		t.server.Close()
		return nil, err
	}
	t.certificate = file.Name()
	err = pem.Encode(file, &pem.Block{Type: "CERTIFICATE", Bytes: t.server.Certificate().Raw})
	_ = file.Close()
	return t, err
}

// environment has the functions call this server, and restore what a bound says is unread. Elsewhere than on Linux a Go
// program trusts the system's certificates only, and HelpCrunch is called without TLS.
func (t *tlsServer) environment() map[string]string {
	variables := map[string]string{"RESTORE_UNREAD": "true"}
	if runtime.GOOS == "linux" {
		variables["HELPCRUNCH_BASE_URL"], variables["SSL_CERT_FILE"] = t.server.URL+"/v1", t.certificate
	}
	return variables
}

// setSilent also closes what is idle: a connection that stands needs no handshake.
func (t *tlsServer) setSilent(silent bool) {
	t.silent.Store(silent)
	t.server.Config.SetKeepAlivesEnabled(!silent)
}

func (t *tlsServer) close() {
	t.server.CloseClientConnections()
	t.server.Close()
	_ = os.Remove(t.certificate)
}

// listener takes connections, and says nothing on those that come while silent is set.
type listener struct {
	net.Listener
	silent *atomic.Bool
}

func (l listener) Accept() (net.Conn, error) {
	connection, err := l.Listener.Accept()
	if err == nil && l.silent.Load() {
		connection = mute{connection}
	}
	return connection, err
}

// mute reads whatever comes and hands on nothing, until the other side has gone.
type mute struct{ net.Conn }

func (m mute) Read(into []byte) (int, error) {
	for {
		if _, err := m.Conn.Read(into); err != nil {
			return 0, err
		}
	}
}
