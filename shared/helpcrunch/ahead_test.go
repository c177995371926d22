package helpcrunch_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"helpcrunch-mark-read/shared/helpcrunch"
	"helpcrunch-mark-read/shared/helpcrunch/helpcrunchtest"
	"helpcrunch-mark-read/shared/mark"
)

// secured puts TLS in front of a server in memory, and returns a transport that trusts it and the list of what it dials.
func secured(t *testing.T, authority *httptest.Server) (*helpcrunchtest.Server, *http.Transport, *[]string) {
	server, plain := helpcrunchtest.NewInMemory(t, helpcrunchtest.Answer(200, `{}`))
	dialled := new([]string)
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: x509.NewCertPool()}}
	transport.TLSClientConfig.RootCAs.AddCert(authority.Certificate())
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		*dialled = append(*dialled, address)
		behind, err := plain.DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		near, far := net.Pipe()
		front := tls.Server(far, authority.TLS)
		go pass(front, behind)
		go pass(behind, front)
		return near, nil
	}
	t.Cleanup(transport.CloseIdleConnections)
	return server, transport, dialled
}

func pass(to, from net.Conn) {
	_, _ = io.Copy(to, from)
	_, _ = to.Close(), from.Close()
}

func TestAConnectionOpenedAheadIsUsedOnceWhileItIsFresh(t *testing.T) {
	authority := httptest.NewTLSServer(nil) // only its certificate is used, which is for example.com
	defer authority.Close()
	for _, tc := range []struct {
		name  string
		base  string
		after time.Duration
		want  []string // what is dialled, the connection ahead first
	}{
		{"at once", "https://example.com/v1", 0, []string{"example.com:443"}},
		{"while it is fresh", "https://example.com/v1", 19 * time.Second, []string{"example.com:443"}},
		{"a port of its own", "https://example.com:8443/v1", 0, []string{"example.com:8443"}},
		{"when it is stale", "https://example.com/v1", 21 * time.Second, []string{"example.com:443", "example.com:443"}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				server, transport, dialled := secured(t, authority)
				if err := helpcrunch.OpenAhead(t.Context(), transport, tc.base); err != nil {
					t.Fatal(err)
				}
				if len(*dialled) != 1 || len(server.Requests()) != 0 {
					t.Fatalf("ahead: dialled %v, sent %+v", *dialled, server.Requests())
				}
				<-time.After(tc.after)
				client := helpcrunch.New(tc.base, transport, 1000)
				for range 2 {
					if answer, err := client.Mark(t.Context(), "KEY", mark.Mark{ID: 1, Reader: mark.Agent}); err != nil || answer.Status != 200 {
						t.Fatalf("answer %+v, error %v", answer, err)
					}
				}
				if !slices.Equal(*dialled, tc.want) {
					t.Errorf("dialled %v, want %v", *dialled, tc.want)
				}
			})
		})
	}
}

func TestParallelCallsBesideTheOneConnectionAhead(t *testing.T) {
	authority := httptest.NewTLSServer(nil)
	defer authority.Close()
	synctest.Test(t, func(t *testing.T) {
		server, transport, dialled := secured(t, authority)
		server.Answer(func(http.ResponseWriter, *http.Request) { <-time.After(time.Second) })
		if err := helpcrunch.OpenAhead(t.Context(), transport, "https://example.com/v1"); err != nil {
			t.Fatal(err)
		}
		client := helpcrunch.New("https://example.com/v1", transport, 1000)
		results := make(chan error, 3)
		for range 3 {
			go func() {
				_, err := client.Mark(t.Context(), "KEY", mark.Mark{ID: 1, Reader: mark.Agent})
				results <- err
			}()
			synctest.Wait()
		}
		for range 3 {
			if err := <-results; err != nil {
				t.Error(err)
			}
		}
		if len(*dialled) != 3 {
			t.Errorf("dialled %v", *dialled)
		}
	})
}

func TestNothingIsOpenedAhead(t *testing.T) {
	refused := errors.New("refused")
	through := func(*http.Request) (*url.URL, error) { return url.Parse("http://proxy.test:3128") }
	for _, tc := range []struct {
		name, base string
		proxy      func(*http.Request) (*url.URL, error)
		dials      int
		want       error
	}{
		{"plain HTTP", "http://example.com/v1", nil, 0, nil},
		{"through a proxy", "https://example.com/v1", through, 0, nil},
		{"the connection is refused", "https://example.com/v1", nil, 1, refused},
		{"the other side is no TLS server", "https://example.com/v1", nil, 1, io.EOF},
	} {
		t.Run(tc.name, func(t *testing.T) {
			dials := 0
			transport := &http.Transport{Proxy: tc.proxy, DialContext: func(context.Context, string, string) (net.Conn, error) {
				if dials++; tc.want == refused {
					return nil, refused
				}
				near, far := net.Pipe()
				go func() {
					_, _ = far.Read(make([]byte, 1<<16))
					_ = far.Close()
				}()
				return near, nil
			}}
			if err := helpcrunch.OpenAhead(t.Context(), transport, tc.base); !errors.Is(err, tc.want) {
				t.Errorf("error %v, want %v", err, tc.want)
			}
			if dials != tc.dials || transport.DialTLSContext != nil {
				t.Errorf("%d dials, want %d; the transport was changed: %t", dials, tc.dials, transport.DialTLSContext != nil)
			}
		})
	}
}
