package simulator_test

import (
	"net/http"
	"reflect"
	"strings"
	"testing"

	"helpcrunch-mark-read/local/simulator"
)

// control makes one control request and returns the answer's body.
func (t *tester) control(method, path, body string, status int) string {
	t.Helper()
	got, err := t.do(method, path, "", body)
	if err != nil || got.status != status {
		t.Fatalf("%s %s: got %d %s, %v; want %d", method, path, got.status, got.body, err, status)
	}
	return got.body
}

func TestControls(t *testing.T) {
	c := setup(t, simulator.Options{})
	c.control("POST", "/_sim/faults", `{"kind":"unavailable","chat":5209,"times":3,"delay":"1ms","retryAfter":"7"}`, 200)
	want := simulator.Fault{Kind: simulator.Unavailable, Chat: 5209, Times: 3, Delay: "1ms", RetryAfter: "7"}
	if got := decode[simulator.State](t, c.control("GET", "/_sim/state", "", 200)).Faults; !reflect.DeepEqual(got, []simulator.Fault{want}) {
		t.Errorf("faults %+v", got)
	}
	if got := c.mark(5209, simulator.Agent, true); got.status != 503 || got.header.Get("Retry-After") != "7" {
		t.Errorf("the fault answers %d", got.status)
	}
	c.control("DELETE", "/_sim/faults", "", 200)
	c.control("PUT", "/_sim/limit", `{"requestsPerMinute":9}`, 200)
	c.must(c.sim.SetChat(5220, true, true))
	c.control("POST", "/_sim/chats/5220/messages", `{"from":"customer"}`, 200)
	state := decode[simulator.State](t, c.control("GET", "/_sim/state", "", 200))
	if !reflect.DeepEqual(state, c.sim.State()) {
		t.Errorf("the state answered is %+v; the state is %+v", state, c.sim.State())
	}
	if state.Limit.RequestsPerMinute != 9 || len(state.Faults) != 0 {
		t.Errorf("state %+v", state)
	}
	if len(state.Chats) != 13 || state.Chats[12].ID != 5220 || state.Chats[12].ReadByAgent || !state.Chats[12].ReadByCustomer {
		t.Errorf("chats %+v", state.Chats)
	}
	if seen := decode[[]simulator.Request](t, c.control("GET", "/_sim/requests", "", 200)); len(seen) != 1 || seen[0].Chat != 5209 {
		t.Errorf("requests %+v", seen)
	}
}

func TestKeysByControl(t *testing.T) {
	c := setup(t, simulator.Options{})
	for _, step := range []struct {
		method, body string
		want         int // status of a call with the first key
	}{
		{"PUT", `{"keys":["another"]}`, 401},
		{"POST", `{"key":"` + key + `"}`, 200},
		{"PUT", `{"keys":[]}`, 401},
	} {
		answer := c.control(step.method, "/_sim/keys", step.body, 200)
		if strings.Contains(answer, key) || strings.Contains(answer, "another") {
			t.Errorf("the answer shows a key: %s", answer)
		}
		if got := c.mark(chat, simulator.Agent, true); got.status != step.want {
			t.Errorf("%s: got %d; want %d", step.method, got.status, step.want)
		}
	}
}

func TestControlsThatAreNone(t *testing.T) {
	for _, test := range []struct {
		method, path, body string
		status             int
		want               string // stands in the error
	}{
		{"POST", "/_sim/faults", `{"kind":"explode"}`, 400, "it must be one of unauthorized, invalid_token, forbidden"},
		{"POST", "/_sim/faults", `{"kind":"hang","tims":3}`, 400, "tims"},
		{"POST", "/_sim/faults", `{"kind":"slow","delay":"2 seconds"}`, 400, `delay must be a duration such as \"2s\"`},
		{"POST", "/_sim/faults", `{"kind":"slow","delay":2}`, 400, "delay"},
		{"POST", "/_sim/faults", ``, 400, "empty"},
		{"POST", "/_sim/faults", `{"kind":"hang"} {}`, 400, "follows"},
		{"POST", "/_sim/faults", `{`, 400, "body"},
		{"PUT", "/_sim/limit", `{"requestsPerMinute":0}`, 400, "at least 1"},
		{"PUT", "/_sim/limit", `{"limit":5}`, 400, "limit"},
		{"PUT", "/_sim/keys", `{"keys":["a b"]}`, 400, "visible ASCII"},
		{"POST", "/_sim/keys", `{}`, 400, "empty"},
		{"POST", "/_sim/chats/x/messages", `{"from":"customer"}`, 400, "not an id"},
		{"POST", "/_sim/chats/7/messages", `{"from":"customer"}`, 400, "there is no chat 7"},
		{"POST", "/_sim/chats/5208/messages", `{"from":"nobody"}`, 400, "nobody"},
		{"GET", "/_sim/nothing", ``, 404, "GET /_sim/state"},
		{"POST", "/_sim/state", ``, 404, "GET /_sim/state"},
	} {
		t.Run(test.method+" "+test.path+" "+test.body, func(t *testing.T) {
			c := setup(t, simulator.Options{})
			before := c.sim.State()
			if answer := c.control(test.method, test.path, test.body, test.status); !strings.Contains(answer, test.want) {
				t.Errorf("answered %q; want %q in it", answer, test.want)
			}
			if after := c.sim.State(); !reflect.DeepEqual(before, after) {
				t.Errorf("changed from %+v to %+v", before, after)
			}
		})
	}
}

func TestNoOtherPageMayUseTheControls(t *testing.T) {
	c := setup(t, simulator.Options{})
	request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, c.url+"/_sim/keys", strings.NewReader(`{"keys":[]}`))
	c.must(err)
	request.Header.Set("Origin", "https://evil.example.com")
	if got, err := c.send(request); err != nil || got.status != http.StatusForbidden || c.sim.State().AcceptedKeys != 1 {
		t.Errorf("got %d, %v", got.status, err)
	}
}

func TestControlsAreNotInTheJournal(t *testing.T) {
	c := setup(t, simulator.Options{})
	c.fault(simulator.Fault{Kind: simulator.Hang}) // which is for HelpCrunch's API only
	c.control("GET", "/_sim/state", "", 200)
	if seen := c.sim.Requests(0); len(seen) != 0 {
		t.Errorf("seen %+v", seen)
	}
}

func TestTheControlsAreListedWithExamplesThatWork(t *testing.T) {
	c := setup(t, simulator.Options{})
	list := c.control("GET", "/_sim/", "", 200)
	examples := 0
	for line := range strings.Lines(list) {
		method, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		path, body, _ := strings.Cut(rest, " ")
		if !strings.HasPrefix(path, "/_sim/") {
			continue
		}
		examples++
		c.control(method, strings.ReplaceAll(path, "{id}", "5208"), strings.TrimSpace(body), 200)
	}
	if examples != 8 || !strings.Contains(list, string(simulator.GzipBomb)) {
		t.Errorf("%d controls in\n%s", examples, list)
	}
}
