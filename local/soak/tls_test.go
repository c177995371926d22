package soak

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"net"
	"net/http"
	"os"
	"testing"
	"time"

	"helpcrunch-mark-read/local/simulator"
)

func TestHandshakesThatNeverEnd(t *testing.T) {
	s, err := serveTLS()
	if err != nil {
		t.Fatal(err)
	}
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
	s.close()
	if _, err := os.Stat(s.certificate); !os.IsNotExist(err) {
		t.Errorf("the certificate is left over: %v", err)
	}
}
