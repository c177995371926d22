package soak

import (
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"sync/atomic"
	"testing"
	"time"

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
func serveTLS(t *testing.T) *tlsServer {
	s := &tlsServer{certificate: filepath.Join(t.TempDir(), "certificate.pem")}
	s.server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.handler.Load().ServeHTTP(w, r) }))
	s.server.Config.ErrorLog = log.New(io.Discard, "", 0) // handshakes that fail are what is wanted
	s.server.Listener = listener{s.server.Listener, &s.silent}
	s.server.StartTLS()
	t.Cleanup(s.close)
	certificate := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.server.Certificate().Raw})
	if err := os.WriteFile(s.certificate, certificate, 0o600); err != nil {
		t.Fatal(err)
	}
	return s
}

// environment has the functions call this server, and restore what a bound says is unread. Elsewhere than on Linux a Go
// program trusts the system's certificates only, and HelpCrunch is called without TLS.
func (t *tlsServer) environment() map[string]string {
	variables := map[string]string{"RESTORE_UNREAD": "true", "HELPCRUNCH_KEY_TTL": "5s"}
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

func TestHandshakesThatNeverEnd(t *testing.T) {
	s := serveTLS(t)
	helpCrunch, err := simulator.New(simulator.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s.handler.Store(helpCrunch)
	certificate, err := os.ReadFile(s.certificate)
	pool := x509.NewCertPool()
	if err != nil || !pool.AppendCertsFromPEM(certificate) {
		t.Fatalf("the certificate cannot be trusted: %v", err)
	}
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool}, TLSHandshakeTimeout: 200 * time.Millisecond}}
	for _, silent := range []bool{false, true, false} {
		s.setSilent(silent)
		answer, err := client.Get(s.server.URL + "/_sim/state")
		var timeout net.Error
		switch {
		case err == nil && silent:
			t.Error("a handshake ended")
		case err == nil:
			answer.Body.Close()
		case !silent || !errors.As(err, &timeout) || !timeout.Timeout():
			t.Errorf("silent %t: %v", silent, err)
		}
	}
	client.CloseIdleConnections()
}
