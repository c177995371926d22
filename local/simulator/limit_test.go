package simulator_test

import (
	"testing"
	"testing/synctest"
	"time"

	"helpcrunch-mark-read/local/simulator"
)

func TestTheLimitSlides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := setupInBubble(t, simulator.Options{RequestsPerMinute: 3})
		start := time.Now()
		for _, step := range []struct {
			at   time.Duration
			want int
		}{
			{0, 200}, {10 * time.Second, 200}, {20 * time.Second, 200}, {30 * time.Second, 429},
			{time.Minute - 1, 429},
			{time.Minute, 200}, // the first has left the window
			{time.Minute, 429},
			{70 * time.Second, 200}, // the second has
			{79 * time.Second, 429},
			{5 * time.Minute, 200}, {5 * time.Minute, 200}, {5 * time.Minute, 200}, {5 * time.Minute, 429},
		} {
			time.Sleep(time.Until(start.Add(step.at))) // of the bubble's time
			if got := c.mark(chat, simulator.Agent, true); got.status != step.want {
				t.Errorf("after %v: got %d; want %d", step.at, got.status, step.want)
			}
		}
	})
}

func TestTheLimitIsTheAccounts(t *testing.T) {
	c := setup(t, simulator.Options{RequestsPerMinute: 4, Keys: []string{key, "another"}})
	ask := func(method, path, key, body string) int {
		got, err := c.do(method, path, key, body)
		c.must(err)
		return got.status
	}
	for i, step := range []struct {
		got, want int
	}{
		{ask("PUT", readByAgent, key, `{"id":5208,"read":true}`), 200},
		{ask("PUT", "/v1/chats/readByCustomer", "another", `{"id":5209,"read":true}`), 200},
		{ask("PUT", readByAgent, "wrong", `{"id":5209,"read":true}`), 401}, // of no account, so it counts for none
		{ask("GET", "/v1/agents", key, ""), 200},
		{ask("PUT", readByAgent, key, `{}`), 400},
		{ask("GET", "/v1/agents", "another", ""), 429},
		{ask("PUT", readByAgent, key, `{}`), 429},
	} {
		if step.got != step.want {
			t.Errorf("step %d: got %d; want %d", i, step.got, step.want)
		}
	}
}

func TestTheDefaultLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := setupInBubble(t, simulator.Options{})
		for i := range simulator.DefaultRequestsPerMinute {
			if got := c.mark(chat, simulator.Agent, true); got.status != 200 {
				t.Fatalf("request %d: %d", i+1, got.status)
			}
		}
		if got := c.mark(chat, simulator.Agent, true); got.status != 429 || got.header.Get("Retry-After") != "" {
			t.Errorf("got %d, Retry-After %q", got.status, got.header.Get("Retry-After"))
		}
	})
}

func TestTheWindowCountsWhatTheLimitCountsAndAllThatWasSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := setupInBubble(t, simulator.Options{RequestsPerMinute: 2})
		c.fault(simulator.Fault{Kind: simulator.Unavailable, Times: 3})
		for range 6 { // three that fail, two that are let through, one that is refused
			c.mark(chat, simulator.Agent, true)
		}
		if limit := c.sim.State().Limit; limit.Used != 2 || limit.Seen != 6 {
			t.Errorf("%+v", limit)
		}
		time.Sleep(time.Minute) // of the bubble's time
		if limit := c.sim.State().Limit; limit.Used != 0 || limit.Seen != 0 {
			t.Errorf("a minute later %+v", limit)
		}
	})
}

func TestTheLimitCanBeSetWhileItRuns(t *testing.T) {
	c := setup(t, simulator.Options{RequestsPerMinute: simulator.Unlimited})
	for range 200 {
		c.mark(chat, simulator.Agent, true)
	}
	for i, step := range []struct{ limit, want int }{{200, 429}, {201, 200}, {1, 429}, {simulator.Unlimited, 200}} {
		c.must(c.sim.SetLimit(step.limit))
		if got := c.mark(chat, simulator.Agent, true); got.status != step.want {
			t.Errorf("step %d: got %d; want %d", i, got.status, step.want)
		}
	}
	if c.sim.SetLimit(0) == nil || c.sim.SetLimit(-2) == nil {
		t.Error("a limit that is none was taken")
	}
}
