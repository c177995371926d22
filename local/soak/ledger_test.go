package main

import (
	"testing"

	"helpcrunch-mark-read/local/lambda"
)

func TestTheStatesThatAreAllowedInTheEnd(t *testing.T) {
	for _, tc := range []struct {
		name   string
		wishes []wish
		dead   string
		state  bool
		want   bool
	}{
		{"nothing was wished for", nil, "", true, true},
		{"the last wish", []wish{{"a", false, false}, {"b", true, false}}, "", true, true},
		{"the wish before it", []wish{{"a", false, false}, {"b", true, false}}, "", false, false},
		{"the last wish is dead: the one before it", []wish{{"a", false, false}, {"b", true, false}}, "b", false, true},
		{"the last wish is dead, and was made as well", []wish{{"a", false, false}, {"b", true, false}}, "b", true, true},
		{"an older wish is dead", []wish{{"a", false, false}, {"b", true, false}}, "a", false, false},
		{"the last wish may not have arrived", []wish{{"a", false, false}, {"", true, true}}, "", false, true},
		{"all are dead", []wish{{"a", false, false}}, "a", true, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := newLedger()
			for _, w := range tc.wishes {
				l.sent(target{1, "agent"}, w)
			}
			if got := l.allowed(target{1, "agent"}, map[string]bool{tc.dead: true}, tc.state); got != tc.want {
				t.Errorf("allowed = %t, want %t", got, tc.want)
			}
		})
	}
}

func TestWhatTheLinesTellOf(t *testing.T) {
	l := &lines{}
	l.add(lineOf(`{"message":"attempt","messageId":"m","action":"delete","coalesced":2}`))
	l.add(lineOf(`{"message":"attempt","messageId":"n","action":"hold","coalesced":1}`))
	l.add(lineOf(`{"message":"attempt","reason":"soak-helpcrunch-key-3 was refused"}`))
	if l.applied != 1 || l.merged != 2 || l.held != 2 || len(l.wrong) != 1 {
		t.Errorf("counted %+v", l)
	}
}

func lineOf(text string) lambda.Line { return lambda.Line{Function: "queue", Text: text} }
