package simulator_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"helpcrunch-mark-read/local/loopback"
	"helpcrunch-mark-read/local/simulator"
)

const (
	key  = "the-right-key"
	chat = 5208
)

// tester is a client with a simulator behind it.
type tester struct {
	*testing.T
	sim    *simulator.Simulator
	client *http.Client
	url    string
}

// answer is what a client could read of a response.
type answer struct {
	status int
	header http.Header
	body   string
	cut    error // how reading the body ended, when not at its end
}

func newSimulator(t *testing.T, o simulator.Options) *simulator.Simulator {
	t.Helper()
	if o.Keys == nil {
		o.Keys = []string{key}
	}
	sim, err := simulator.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return sim
}

// setup puts a simulator behind a real server on loopback.
func setup(t *testing.T, o simulator.Options) *tester {
	t.Helper()
	sim := newSimulator(t, o)
	server := httptest.NewServer(sim)
	t.Cleanup(server.Close)
	return &tester{t, sim, plainClient(&http.Transport{DisableKeepAlives: true, DisableCompression: true}), server.URL}
}

// setupInBubble is for tests that need simulated time: no socket, and only answers that are whole.
func setupInBubble(t *testing.T, o simulator.Options) *tester {
	t.Helper()
	sim := newSimulator(t, o)
	return &tester{t, sim, plainClient(loopback.Transport(sim)), "http://helpcrunch.example.com"}
}

func plainClient(transport http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     transport,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// do makes one request; an error is one that came instead of a status.
func (t *tester) do(method, path, key, body string) (answer, error) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, t.url+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if key != "" {
		request.Header.Set("Authorization", "Bearer "+key)
	}
	return t.send(request)
}

func (t *tester) send(request *http.Request) (answer, error) {
	t.Helper()
	response, err := t.client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return answer{response.StatusCode, response.Header, string(body), err}, nil
}

// mark asks for a mark with the right key.
func (t *tester) mark(id int64, reader string, read bool) answer {
	t.Helper()
	path := "/v1/chats/readByAgent"
	if reader == simulator.Customer {
		path = "/v1/chats/readByCustomer"
	}
	got, err := t.do(http.MethodPut, path, key, `{"id":`+strconv.FormatInt(id, 10)+`,"read":`+strconv.FormatBool(read)+`}`)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func (t *tester) fault(f simulator.Fault) {
	t.Helper()
	t.must(t.sim.AddFault(f))
}

func (t *tester) must(err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// codes returns the codes of an error list, comma-separated; "" for a body that is not an error list.
func (a answer) codes() string {
	var list struct {
		Errors []struct{ Code, Message string }
	}
	if json.Unmarshal([]byte(a.body), &list) != nil {
		return ""
	}
	var codes []string
	for _, e := range list.Errors {
		if e.Message != "" {
			codes = append(codes, e.Code)
		}
	}
	return strings.Join(codes, ",")
}

// settled waits until everything that was asked for has ended: a client may have its answer before the handler is done.
func (t *tester) settled() simulator.State {
	t.Helper()
	limit := time.After(10 * time.Second)
	for {
		changed := t.sim.Changed()
		state := t.sim.State()
		if state.Counts.InFlight == 0 {
			return state
		}
		select {
		case <-changed:
		case <-limit:
			t.Fatalf("still served: %+v", t.sim.Requests(0))
		}
	}
}
