package account

import (
	"io"
	"testing"
)

func TestTheStatesThatAreAllowedInTheEnd(t *testing.T) {
	for _, tc := range []struct {
		name      string
		sent      []sending
		dead      string
		overtaken string
		state     bool
		want      bool
	}{
		{"nothing was sent", nil, "", "", true, true},
		{"the latest update", []sending{{"a", false, false}, {"b", true, false}}, "", "", true, true},
		{"the update before it", []sending{{"a", false, false}, {"b", true, false}}, "", "", false, false},
		{"the latest update is dead: the one before it", []sending{{"a", false, false}, {"b", true, false}}, "b", "", false, true},
		{"the latest update is dead, and was made as well", []sending{{"a", false, false}, {"b", true, false}}, "b", "", true, true},
		{"an older update is dead", []sending{{"a", false, false}, {"b", true, false}}, "a", "", false, false},
		{"the latest update may not have arrived", []sending{{"a", false, false}, {"", true, true}}, "", "", false, true},
		{"the latest update was overtaken and undone", []sending{{"a", true, false}, {"b", true, false}}, "", "b", false, true},
		{"it was overtaken, and the chat is read", []sending{{"a", true, false}, {"b", true, false}}, "", "b", true, false},
		{"an older update was overtaken", []sending{{"a", true, false}, {"b", true, false}}, "", "a", false, false},
		{"all are dead", []sending{{"a", false, false}}, "a", "", true, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			a := New(io.Discard, 0)
			a.sendings[agents] = tc.sent
			a.dead[tc.dead] = []deadLetter{{}}
			a.overtaken[tc.overtaken] = tc.overtaken != ""
			if got := a.allowed(agents, tc.state); got != tc.want {
				t.Errorf("allowed = %t, want %t", got, tc.want)
			}
		})
	}
}
