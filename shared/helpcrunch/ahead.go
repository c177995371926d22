package helpcrunch

import (
	"cmp"
	"context"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// freshFor is how long a connection that was opened ahead is used. Servers close connections over which nothing comes, and
// net/http does not repeat a request that meets such an end on a connection's first use.
const freshFor = 20 * time.Second

// OpenAhead opens a TLS connection to the API and leaves it to the transport, which must not be in use yet, for its first
// call. Nothing is sent over it. After an error the transport is as it was. Where the way to the API is plain HTTP or leads
// through a proxy, nothing is opened and there is no error.
func OpenAhead(ctx context.Context, transport *http.Transport, baseURL string) error {
	base, err := url.Parse(baseURL)
	if err != nil || base.Scheme != "https" || proxied(transport, base) {
		return err
	}
	a := &ahead{transport: transport, address: net.JoinHostPort(base.Hostname(), cmp.Or(base.Port(), "443"))}
	if a.connection, err = dialTLS(ctx, transport, "tcp", a.address); err != nil {
		return err
	}
	// The wall clock: while Lambda keeps an environment frozen, the monotonic one may stand still.
	a.opened = time.Now().Round(0)
	transport.DialTLSContext = a.dial
	return nil
}

func proxied(transport *http.Transport, base *url.URL) bool {
	if transport.Proxy == nil {
		return false
	}
	proxy, err := transport.Proxy(&http.Request{URL: base})
	return proxy != nil || err != nil
}

// ahead is a transport's TLS dialer with one connection in stock.
type ahead struct {
	transport *http.Transport
	address   string

	mu         sync.Mutex
	connection net.Conn // nil once it is taken
	opened     time.Time
}

// dial returns the connection in stock, if it is still fresh, and otherwise a new one.
func (a *ahead) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if connection := a.take(address); connection != nil {
		return connection, nil
	}
	return dialTLS(ctx, a.transport, network, address)
}

func (a *ahead) take(address string) net.Conn {
	a.mu.Lock()
	defer a.mu.Unlock()
	connection := a.connection
	if connection == nil || address != a.address {
		return nil
	}
	a.connection = nil
	if age := time.Now().Round(0).Sub(a.opened); age < 0 || age > freshFor {
		_ = connection.Close()
		return nil
	}
	return connection
}
