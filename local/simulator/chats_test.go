package simulator_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"helpcrunch-mark-read/local/simulator"
)

func decode[T any](t *testing.T, body string) (v T) {
	t.Helper()
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatalf("%v: %s", err, body)
	}
	return v
}

// fields are the documented ones, in the documented order.
var fields = []string{
	"id", "closedBy", "lastCustomerMessageAt", "status", "closedAt", "rating", "createdAt", "lastMessageAt", "createdWith",
	"snoozedUntil", "lastMessageText", "lastMessageId", "applicationId", "readByAgent", "readByCustomer",
	"lastCommunicatedAgentId", "agents", "customer", "assignee", "department",
}

func TestEveryChatHasTheWholeShape(t *testing.T) {
	c := setup(t, simulator.Options{})
	chats := c.sim.Chats()
	if len(chats) != 12 || chats[0].ID != chat {
		t.Fatalf("%d chats from %d upwards", len(chats), chats[0].ID)
	}
	forms := make(map[string]map[string]bool) // field to the JSON types it has come as
	for _, state := range chats {
		body := c.mark(state.ID, simulator.Agent, true).body
		raw := decode[map[string]json.RawMessage](t, body)
		if got := slices.Sorted(maps.Keys(raw)); !reflect.DeepEqual(got, slices.Sorted(slices.Values(fields))) {
			t.Fatalf("chat %d has the fields %v", state.ID, got)
		}
		for name, value := range raw {
			if forms[name] == nil {
				forms[name] = make(map[string]bool)
			}
			forms[name][form(value)] = true
		}
		if string(raw["id"]) != fmt.Sprint(state.ID) {
			t.Errorf("chat %d says it is %s", state.ID, raw["id"])
		}
		inOrder(t, body)
	}
	for name, want := range map[string][]string{
		"createdAt":             {"fraction", "number", "string"},
		"lastMessageAt":         {"fraction", "null", "number", "string"},
		"lastCustomerMessageAt": {"fraction", "null", "number", "string"},
		"snoozedUntil":          {"fraction", "null", "number", "string"},
		"closedBy":              {"null", "string"}, "rating": {"null", "string"}, "lastMessageText": {"null", "string"},
		"lastMessageId": {"null", "number"}, "lastCommunicatedAgentId": {"null", "number"},
		"customer": {"null", "object"}, "assignee": {"null", "object"}, "department": {"null", "object"},
		"agents": {"empty", "list"}, "readByAgent": {"bool"}, "id": {"number"}, "status": {"string"},
	} {
		if got := slices.Sorted(maps.Keys(forms[name])); !reflect.DeepEqual(got, want) {
			t.Errorf("%s came as %v; want %v", name, got, want)
		}
	}
}

func form(value json.RawMessage) string {
	switch text := string(value); {
	case text == "null":
		return "null"
	case text == "true" || text == "false":
		return "bool"
	case text == "[]":
		return "empty"
	case text[0] == '[':
		return "list"
	case text[0] == '{':
		return "object"
	case text[0] == '"' && strings.HasSuffix(text, `.000"`):
		return "fraction"
	case text[0] == '"':
		return "string"
	}
	return "number"
}

func inOrder(t *testing.T, body string) {
	t.Helper()
	last := -1
	for _, name := range fields {
		at := strings.Index(body, `"`+name+`":`)
		if at < last {
			t.Errorf("%s stands too early in %s", name, body)
		}
		last = at
	}
}

func TestAChatIsTheSameEachTime(t *testing.T) {
	a, b := setup(t, simulator.Options{}), setup(t, simulator.Options{})
	for _, state := range a.sim.Chats() {
		one, two := a.mark(state.ID, simulator.Agent, true), b.mark(state.ID, simulator.Agent, true)
		if one.body != two.body || one.body != a.mark(state.ID, simulator.Agent, true).body {
			t.Errorf("chat %d differs", state.ID)
		}
	}
}

func TestSomeChatsHoldWhatEncodingAgainWouldChange(t *testing.T) {
	c := setup(t, simulator.Options{})
	var all strings.Builder
	for _, state := range c.sim.Chats() {
		all.WriteString(c.mark(state.ID, simulator.Agent, true).body)
	}
	for what, part := range map[string]string{
		"an escaped slash": `\/`, "more than 53 bits": "9007199254740993", "a bare ampersand": "&", "a bare <": "<", "an escaped quote": `\"`,
	} {
		if !strings.Contains(all.String(), part) {
			t.Errorf("no chat holds %s", what)
		}
	}
}

func TestAMarkChangesOneFlagOfOneChat(t *testing.T) {
	type flags struct{ ReadByAgent, ReadByCustomer bool }
	c := setup(t, simulator.Options{})
	for i, step := range []struct {
		reader string
		read   bool
		want   flags
	}{
		{simulator.Agent, true, flags{true, false}},
		{simulator.Customer, true, flags{true, true}},
		{simulator.Agent, true, flags{true, true}},
		{simulator.Agent, false, flags{false, true}},
		{simulator.Customer, false, flags{false, false}},
	} {
		answered := decode[flags](t, c.mark(chat, step.reader, step.read).body)
		state, _ := c.sim.Chat(chat)
		if held := (flags{state.ReadByAgent, state.ReadByCustomer}); answered != step.want || held != step.want || state.Writes != i+1 {
			t.Errorf("step %d: answered %v, held %v after %d writes; want %v", i, answered, held, state.Writes, step.want)
		}
	}
	for _, other := range c.sim.Chats()[1:] {
		if other.ReadByAgent || other.ReadByCustomer || other.Writes != 0 {
			t.Errorf("another chat changed: %+v", other)
		}
	}
}

func TestAChatThatIsSetComesToBe(t *testing.T) {
	c := setup(t, simulator.Options{})
	c.must(c.sim.SetChat(1<<63-1, true, false))
	if got := c.mark(1<<63-1, simulator.Customer, true); got.status != 200 {
		t.Errorf("the new chat answers %d %s", got.status, got.body)
	}
	if c.sim.SetChat(0, true, true) == nil {
		t.Error("chat 0 was let in")
	}
}
