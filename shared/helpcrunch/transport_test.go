package helpcrunch_test

import (
	"context"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"helpcrunch-mark-read/shared/helpcrunch"
	fake "helpcrunch-mark-read/shared/helpcrunch/helpcrunchtest"
)

// silent dials into servers that accept connections and never say a word, and counts the connections that are open.
type silent struct {
	open  atomic.Int64
	delay time.Duration // what accepting takes
}

type countedConn struct {
	net.Conn
	once sync.Once
	open *atomic.Int64
}

func (c *countedConn) Close() error {
	c.once.Do(func() { c.open.Add(-1) })
	return c.Conn.Close()
}

func (s *silent) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	select {
	case <-time.After(s.delay):
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	near, _ := net.Pipe()
	s.open.Add(1)
	return &countedConn{Conn: near, open: &s.open}, nil
}

// TestAHandshakeThatNeverEnds: nobody waits for the connection any more, and it ends all the same; the calls end in their
// own time, also those for which no connection is free.
func TestAHandshakeThatNeverEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		peer := &silent{}
		transport := helpcrunch.NewTransport()
		transport.Proxy, transport.DialContext = nil, peer.dial
		client := helpcrunch.New("https://helpcrunch.test/v1", transport, maxBody)
		most := int64(0)
		for range 2000 {
			ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
			started := time.Now()
			_, err := client.Mark(ctx, apiKey, theMark)
			cancel()
			if none := noAnswer(t, err); !none.Timeout || time.Since(started) > time.Millisecond {
				t.Fatalf("after %s: timeout %v, %s", time.Since(started), none.Timeout, none.Reason)
			}
			synctest.Wait()
			most = max(most, peer.open.Load())
		}
		if most != helpcrunch.MaxConnections {
			t.Errorf("%d connections at once, want %d", most, helpcrunch.MaxConnections)
		}
		time.Sleep(5 * time.Second)
		synctest.Wait()
		if left := peer.open.Load(); left != 0 {
			t.Errorf("%d connections are left after 5 s", left)
		}
	})
}

// TestConnectingTakesFiveSecondsAtMost holds for the attempt as a whole, whatever part of it hangs.
func TestConnectingTakesFiveSecondsAtMost(t *testing.T) {
	for name, delay := range map[string]time.Duration{"the handshake hangs": 0, "after a slow dial": 4900 * time.Millisecond, "the dial hangs": time.Hour} {
		for _, way := range []string{"a call", "ahead"} {
			t.Run(name+", "+way, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					peer := &silent{delay: delay}
					transport := helpcrunch.NewTransport()
					transport.Proxy, transport.DialContext = nil, peer.dial
					started := time.Now()
					if way == "ahead" {
						if err := helpcrunch.OpenAhead(t.Context(), transport, "https://helpcrunch.test/v1"); err == nil {
							t.Error("a connection was opened")
						}
					} else {
						_, err := helpcrunch.New("https://helpcrunch.test/v1", transport, maxBody).Mark(t.Context(), apiKey, theMark)
						if none := noAnswer(t, err); !none.Timeout {
							t.Errorf("%s is no timeout", none.Reason)
						}
					}
					synctest.Wait()
					if took := time.Since(started); took != 5*time.Second || peer.open.Load() != 0 {
						t.Errorf("took %s, and %d connections are open", took, peer.open.Load())
					}
				})
			})
		}
	}
}

// TestCallsBeyondTheConnections: a connection that becomes free is used by a call that waits for one.
func TestCallsBeyondTheConnections(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		server, memory := fake.NewInMemory(t, func(http.ResponseWriter, *http.Request) { time.Sleep(time.Second) })
		transport := helpcrunch.NewTransport()
		transport.Proxy, transport.DialContext = nil, memory.DialContext
		defer transport.CloseIdleConnections()
		client := helpcrunch.New(server.URL, transport, maxBody)
		started := time.Now()
		var all sync.WaitGroup
		for range 2 * helpcrunch.MaxConnections {
			all.Go(func() {
				if a, err := client.Mark(t.Context(), apiKey, theMark); err != nil || a.Status != http.StatusOK {
					t.Errorf("answer %+v, error %v", a, err)
				}
			})
		}
		all.Wait()
		if took := time.Since(started); took != 2*time.Second {
			t.Errorf("took %s, want 2 s", took)
		}
	})
}

// TestSocketsOfHungHandshakes counts the sockets that the process has, where the system lists them.
func TestSocketsOfHungHandshakes(t *testing.T) {
	sockets := func() (n int) {
		files, _ := filepath.Glob("/proc/self/fd/*")
		for _, file := range files {
			if target, err := os.Readlink(file); err == nil && strings.HasPrefix(target, "socket:") {
				n++
			}
		}
		return n
	}
	if _, err := os.Stat("/proc/self/fd"); err != nil {
		t.Skip("the system does not list a process's sockets")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0") // the system accepts what the process does not
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	client := client(t, "https://"+listener.Addr().String()+"/v1")
	before := sockets()
	for n := range 2000 {
		ctx, cancel := context.WithTimeout(t.Context(), 200*time.Microsecond)
		_, err := client.Mark(ctx, apiKey, theMark)
		cancel()
		if none := noAnswer(t, err); !none.Timeout {
			t.Fatalf("call %d: %s", n, none.Reason)
		}
	}
	if after := sockets(); after-before > helpcrunch.MaxConnections {
		t.Errorf("%d sockets after 2,000 calls", after-before)
	}
}
