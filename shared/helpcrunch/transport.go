package helpcrunch

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"time"
)

// MaxConnections is how many connections to HelpCrunch a transport has at most, those that are being made included. A call
// beyond it waits for one, until its context ends. It is the most calls that functions/queue has in flight.
const MaxConnections = 48

// connectTimeout bounds one attempt to connect, TLS handshake included. net/http lets an attempt go on when the call that
// caused it has ended, so that another can use the connection: without a bound of its own, one into a server that never
// shakes hands would last for ever.
const connectTimeout = 5 * time.Second

// NewTransport returns a transport for HelpCrunch's API: HTTP/1.1 with a bounded number of connections, all of which stay
// open for the next batch.
func NewTransport() *http.Transport {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	transport := &http.Transport{
		Proxy: http.ProxyFromEnvironment,
		// Without the fallback that dials a second address meanwhile, an attempt has one socket.
		DialContext:            (&net.Dialer{Timeout: connectTimeout, FallbackDelay: -1, KeepAlive: 15 * time.Second}).DialContext,
		TLSHandshakeTimeout:    connectTimeout, // through a proxy
		Protocols:              protocols,
		MaxConnsPerHost:        MaxConnections,
		MaxIdleConns:           MaxConnections,
		MaxIdleConnsPerHost:    MaxConnections, // fewer than the calls in flight would dial anew for every call
		IdleConnTimeout:        time.Minute,
		MaxResponseHeaderBytes: 64 << 10,
		DisableCompression:     true, // see readBody
	}
	transport.DialTLSContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		return dialTLS(ctx, transport, network, address)
	}
	return transport
}

// dialTLS makes a connection as net/http itself does for HTTP/1.1, with a bound on the attempt as a whole.
func dialTLS(ctx context.Context, transport *http.Transport, network, address string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, connectTimeout)
	defer cancel()
	raw, err := transport.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	config := transport.TLSClientConfig.Clone()
	if config == nil {
		config = &tls.Config{MinVersion: tls.VersionTLS12}
	}
	if config.ServerName == "" {
		config.ServerName, _, _ = net.SplitHostPort(address) // it was joined, or net/http joined it
	}
	connection := tls.Client(raw, config)
	if err := connection.HandshakeContext(ctx); err != nil {
		_ = raw.Close()
		return nil, err
	}
	return connection, nil
}
