package simulator_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"helpcrunch-mark-read/local/simulator"
)

func TestKeysComeAndGoWhileItRuns(t *testing.T) {
	c := setup(t, simulator.Options{Keys: []string{"old"}})
	accepted := func(keys ...string) {
		t.Helper()
		for _, k := range []string{"old", "new", "other"} {
			want := 401
			if strings.Contains(","+strings.Join(keys, ",")+",", ","+k+",") {
				want = 200
			}
			got, err := c.do(http.MethodGet, "/v1/agents", k, "")
			if err != nil || got.status != want {
				t.Errorf("%s: got %d, %v; want %d", k, got.status, err, want)
			}
		}
		if n := c.sim.State().AcceptedKeys; n != len(keys) {
			t.Errorf("%d keys accepted; want %d", n, len(keys))
		}
	}
	accepted("old")
	c.must(c.sim.AcceptKey("new"))
	accepted("old", "new")
	c.must(c.sim.SetKeys("new"))
	accepted("new")
	c.must(c.sim.SetKeys("other"))
	accepted("other")
	c.must(c.sim.SetKeys())
	accepted()
	c.must(c.sim.AcceptKey("old"))
	accepted("old")
}

func TestOnlyABearerIsAccepted(t *testing.T) {
	c := setup(t, simulator.Options{})
	for _, header := range []string{key, "Basic " + key, "bearer" + key, "Bearer", "Bearer ", "Bearer  " + key, "Bearer " + key + "x"} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.url+"/v1/agents", nil)
		c.must(err)
		request.Header.Set("Authorization", header)
		if got, err := c.send(request); err != nil || got.status != 401 {
			t.Errorf("%q: got %d, %v", header, got.status, err)
		}
	}
}

func TestAKeyThatIsNoneIsRefusedAndNotShown(t *testing.T) {
	for _, bad := range []string{"", "two words", "line\nbreak", "gr\u00fcn"} {
		if _, err := simulator.New(simulator.Options{Keys: []string{"good", bad}}); err == nil || bad != "" && strings.Contains(err.Error(), bad) {
			t.Errorf("%q: got %v", bad, err)
		}
	}
}

func TestNoKeyIsShownAnywhere(t *testing.T) {
	const secret = "s3cret-key-value"
	c := setup(t, simulator.Options{Keys: []string{secret}})
	if _, err := c.do(http.MethodPut, readByAgent, secret, `{"id":5208,"read":true}`); err != nil {
		t.Fatal(err)
	}
	if _, err := c.do(http.MethodPut, readByAgent, "wrong-"+secret, `{"id":5208,"read":true}`); err != nil {
		t.Fatal(err)
	}
	texts := []string{asJSON(t, c.sim.State()), asJSON(t, c.sim.Requests(0)), fmt.Sprintf("%+v %#v", c.sim.State(), c.sim)}
	for _, path := range []string{"/_sim/state", "/_sim/requests"} {
		got, err := c.do(http.MethodGet, path, secret, "")
		c.must(err)
		texts = append(texts, got.body)
	}
	for _, text := range texts {
		if strings.Contains(text, secret) || !strings.Contains(text, "5208") && !strings.Contains(text, "readByAgent") {
			t.Errorf("shows the key, or nothing: %s", text)
		}
	}
}

func TestOptionsThatAreNoneAreRefused(t *testing.T) {
	if _, err := simulator.New(simulator.Options{RequestsPerMinute: -2}); err == nil || !strings.Contains(err.Error(), "limit") {
		t.Errorf("got %v", err)
	}
}
