package simulator_test

import (
	"encoding/json"
	"math"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"helpcrunch-mark-read/local/simulator"
)

// shown are the fields of a Chat that say what a reader has not seen.
type shown struct {
	LastCustomerMessageAt, LastMessageAt any
	LastMessageText                      string
	LastMessageID                        int64
	ReadByAgent, ReadByCustomer          bool
}

// whole reads a timestamp in any of HelpCrunch's forms, in whole seconds.
func whole(t *testing.T, timestamp any) int64 {
	t.Helper()
	switch v := timestamp.(type) {
	case nil:
		return 0
	case float64:
		return int64(v)
	}
	seconds, err := strconv.ParseFloat(timestamp.(string), 64)
	if err != nil || seconds != math.Trunc(seconds) {
		t.Fatalf("timestamp %q is not of whole seconds", timestamp)
	}
	return int64(seconds)
}

func TestAMessageBringsTheBadgeBack(t *testing.T) {
	c := setup(t, simulator.Options{})
	for _, before := range c.sim.Chats() {
		start := time.Now().Unix()
		c.mark(before.ID, simulator.Agent, true)
		c.mark(before.ID, simulator.Customer, true)

		c.must(c.sim.AddMessage(before.ID, simulator.Message{From: simulator.Customer}))
		if now, _ := c.sim.Chat(before.ID); now.ReadByAgent || !now.ReadByCustomer || now.LastCustomerMessageAt < start || now.LastMessageAt < start {
			t.Errorf("after the customer's message: %+v", now)
		}
		answer := decode[shown](t, c.mark(before.ID, simulator.Agent, true).body)
		at := whole(t, answer.LastCustomerMessageAt)
		if !answer.ReadByAgent || at < start || at != whole(t, answer.LastMessageAt) || !strings.Contains(answer.LastMessageText, "customer") {
			t.Errorf("chat %d answers %+v; a message came at %d", before.ID, answer, start)
		}

		c.must(c.sim.AddMessage(before.ID, simulator.Message{From: simulator.Agent}))
		after := decode[shown](t, c.mark(before.ID, simulator.Agent, true).body)
		if after.ReadByCustomer || !after.ReadByAgent || whole(t, after.LastMessageAt) < at || whole(t, after.LastCustomerMessageAt) != at || after.LastMessageID != answer.LastMessageID+1 {
			t.Errorf("chat %d answers %+v after the agent's message", before.ID, after)
		}
	}
	for name, forms := range map[string]func(shown) any{
		"lastCustomerMessageAt": func(s shown) any { return s.LastCustomerMessageAt }, "lastMessageAt": func(s shown) any { return s.LastMessageAt },
	} {
		seen := map[string]bool{}
		for _, state := range c.sim.Chats() {
			raw, _ := json.Marshal(forms(decode[shown](t, c.mark(state.ID, simulator.Agent, true).body)))
			seen[form(raw)] = true
		}
		if !seen["number"] || !seen["string"] || !seen["fraction"] {
			t.Errorf("%s comes in the forms %v after a message", name, seen)
		}
	}
}

func TestAMessageCanComeWhileAMarkIsOnItsWay(t *testing.T) {
	c := setup(t, simulator.Options{})
	before, _ := c.sim.Chat(chat)
	c.must(c.sim.AddMessage(chat, simulator.Message{From: simulator.Customer, BeforeNextCall: true}))
	if now, _ := c.sim.Chat(chat); now != before {
		t.Errorf("the message came too early: %+v", now)
	}
	c.mark(chat+1, simulator.Agent, true)
	c.fault(simulator.Fault{Kind: simulator.Unavailable, Times: 1})
	c.mark(chat, simulator.Agent, true) // HelpCrunch does not make it
	if now, _ := c.sim.Chat(chat); now != before {
		t.Errorf("the message came with a call that failed: %+v", now)
	}
	answer := decode[shown](t, c.mark(chat, simulator.Agent, true).body)
	if !answer.ReadByAgent || whole(t, answer.LastCustomerMessageAt) <= before.LastCustomerMessageAt {
		t.Errorf("the mark hides nothing: %+v", answer)
	}
	if again := decode[shown](t, c.mark(chat, simulator.Agent, false).body); again.ReadByAgent || again.LastMessageID != answer.LastMessageID {
		t.Errorf("read: false brings no badge back, or a second message came: %+v", again)
	}
}

func TestAMessageIsNewerThanAllBeforeItOnAnyClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // which begins in 2000, before the made-up messages
		c := setupInBubble(t, simulator.Options{})
		for _, before := range c.sim.Chats() {
			c.must(c.sim.AddMessage(before.ID, simulator.Message{From: simulator.Customer}))
			if now, _ := c.sim.Chat(before.ID); now.LastCustomerMessageAt <= max(before.LastCustomerMessageAt, before.LastMessageAt) {
				t.Errorf("before %+v, now %+v", before, now)
			}
		}
	})
}

func TestMessagesThatAreRefused(t *testing.T) {
	c := setup(t, simulator.Options{})
	for _, err := range []error{
		c.sim.AddMessage(1, simulator.Message{From: simulator.Customer}), c.sim.AddMessage(chat, simulator.Message{From: "nobody"}), c.sim.AddMessage(chat, simulator.Message{}),
	} {
		if err == nil {
			t.Error("a wrong message was taken")
		}
	}
}
