package simulator_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"helpcrunch-mark-read/local/simulator"
)

func TestTheJournalTellsWhatWasSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := setupInBubble(t, simulator.Options{Keys: []string{key, "second"}})
		calls := []struct{ method, path, key, body string }{
			{"PUT", readByAgent, key, `{"id":5208,"read":true}`},
			{"PUT", "/v1/chats/readByCustomer", "second", `{"id":1,"read":false}`},
			{"PUT", readByAgent, "unknown", `{"id":5209}`},
			{"GET", "/v1/agents", "", ""},
			{"DELETE", "/v2/" + strings.Repeat("x", 500), key, ""},
		}
		yes, no := true, false
		start := time.Now()
		want := []simulator.Request{
			{Number: 1, Method: "PUT", Path: readByAgent, Reader: "agent", Chat: 5208, Read: &yes, KeyAccepted: true, Status: 200},
			{Number: 2, Method: "PUT", Path: "/v1/chats/readByCustomer", Reader: "customer", Chat: 1, Read: &no, KeyAccepted: true, Status: 404},
			{Number: 3, Method: "PUT", Path: readByAgent, Reader: "agent", Chat: 5209, Status: 401},
			{Number: 4, Method: "GET", Path: "/v1/agents", Status: 401},
			{Number: 5, Method: "DELETE", Path: "/v2/" + strings.Repeat("x", 196), KeyAccepted: true, Status: 404},
		}
		for i, call := range calls {
			if _, err := c.do(call.method, call.path, call.key, call.body); err != nil {
				t.Fatal(err)
			}
			want[i].Time, want[i].Done = start.Add(time.Duration(i)*time.Second), true
			time.Sleep(time.Second) // of the bubble's time
		}
		if got := c.sim.Requests(0); !reflect.DeepEqual(withoutMonotonic(got), withoutMonotonic(want)) {
			t.Errorf("got  %s\nwant %s", asJSON(t, got), asJSON(t, want))
		}
		if got := c.sim.Requests(3); len(got) != 2 || got[0].Number != 4 {
			t.Errorf("since 3: %s", asJSON(t, got))
		}
		counts := simulator.Counts{Requests: 5, Writes: 1, KeyRejected: 2, MostIn60s: 5, ByStatus: map[int]int{200: 1, 401: 2, 404: 2}}
		if got := c.sim.Counts(); !reflect.DeepEqual(got, counts) {
			t.Errorf("got %+v; want %+v", got, counts)
		}
	})
}

func withoutMonotonic(list []simulator.Request) []simulator.Request {
	for i := range list {
		list[i].Time = list[i].Time.Round(0)
	}
	return list
}

func asJSON(t *testing.T, v any) string {
	t.Helper()
	text, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func TestTheJournalForgetsTheOldestButCountsAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const remembered = 10_000
		c := setupInBubble(t, simulator.Options{RequestsPerMinute: simulator.Unlimited})
		for range remembered + 2 {
			c.mark(chat, simulator.Agent, true)
		}
		if got := c.sim.Requests(0); len(got) != remembered || got[0].Number != 3 || c.sim.Counts().Requests != remembered+2 {
			t.Errorf("%d requests counted, %d remembered from number %d", c.sim.Counts().Requests, len(got), got[0].Number)
		}
	})
}

func TestTheMostIn60Seconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := setupInBubble(t, simulator.Options{RequestsPerMinute: 2})
		start := time.Now()
		for _, step := range []struct {
			at   time.Duration
			want int
		}{
			{0, 1}, {30 * time.Second, 2}, {time.Minute, 2}, {61 * time.Second, 3}, // the refused count too
			{5 * time.Minute, 3},
		} {
			time.Sleep(time.Until(start.Add(step.at))) // of the bubble's time
			c.mark(chat, simulator.Agent, true)
			if got := c.sim.Counts().MostIn60s; got != step.want {
				t.Errorf("after %v: got %d; want %d", step.at, got, step.want)
			}
		}
	})
}

func TestResetForgetsAllButKeysAndSettings(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := setupInBubble(t, simulator.Options{})
		fresh := c.sim.State()
		fresh.Limit.RequestsPerMinute, fresh.AcceptedKeys = 5, 2
		c.must(c.sim.SetLimit(5))
		c.must(c.sim.SetKeys(key, "another"))
		c.mark(5208, simulator.Agent, true)
		c.must(c.sim.AddMessage(5209, simulator.Message{From: simulator.Customer}))
		c.must(c.sim.AddMessage(5208, simulator.Message{From: simulator.Customer, BeforeNextCall: true}))
		c.must(c.sim.SetChat(3, true, true))
		c.fault(simulator.Fault{Kind: simulator.Slow, Delay: "1m", Times: 1})
		ended := make(chan int)
		go func() { ended <- c.mark(5208, simulator.Agent, false).status }()
		synctest.Wait()
		c.fault(simulator.Fault{Kind: simulator.Hang})
		c.sim.Reset()
		if got := c.sim.State(); !reflect.DeepEqual(got, fresh) {
			t.Errorf("got  %s\nwant %s", asJSON(t, got), asJSON(t, fresh))
		}
		if status := <-ended; status != 200 {
			t.Errorf("the request of before: %d", status)
		}
		synctest.Wait()
		if got := c.sim.Counts(); got.InFlight != 0 || got.Requests != 0 || len(got.ByStatus) != 0 {
			t.Errorf("a request of before was counted: %+v", got)
		}
	})
}

func TestTheLastChangeIsNeverMissed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // which fails when everybody waits
		c := setupInBubble(t, simulator.Options{RequestsPerMinute: simulator.Unlimited})
		var all sync.WaitGroup
		for range 50 {
			all.Go(func() { c.mark(chat, simulator.Agent, true) })
		}
		for {
			changed := c.sim.Changed()
			if c.sim.Counts().ByStatus[200] == 50 {
				break
			}
			<-changed
		}
		all.Wait()
		select {
		case <-c.sim.Changed():
			t.Error("a change was reported after the last one")
		default:
		}
	})
}

func TestManyAtOnceAreCountedExactly(t *testing.T) {
	c := setup(t, simulator.Options{RequestsPerMinute: 120})
	var all sync.WaitGroup
	for i := range 8 {
		all.Go(func() {
			for range 20 {
				c.mark(chat+int64(i), simulator.Agent, true)
			}
		})
	}
	all.Wait()
	counts := c.settled().Counts
	if counts.Requests != 160 || counts.Writes != 120 || counts.ByStatus[200] != 120 || counts.ByStatus[429] != 40 || counts.MostIn60s != 160 {
		t.Errorf("got %+v", counts)
	}
}
