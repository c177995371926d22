package main

import "testing"

func TestTheStatesThatAreAllowedInTheEnd(t *testing.T) {
	for _, tc := range []struct {
		name   string
		wishes []sending
		dead   string
		state  bool
		want   bool
	}{
		{"nothing was wished for", nil, "", true, true},
		{"the last wish", []sending{{"a", false, false}, {"b", true, false}}, "", true, true},
		{"the wish before it", []sending{{"a", false, false}, {"b", true, false}}, "", false, false},
		{"the last wish is dead: the one before it", []sending{{"a", false, false}, {"b", true, false}}, "b", false, true},
		{"the last wish is dead, and was made as well", []sending{{"a", false, false}, {"b", true, false}}, "b", true, true},
		{"an older wish is dead", []sending{{"a", false, false}, {"b", true, false}}, "a", false, false},
		{"the last wish may not have arrived", []sending{{"a", false, false}, {"", true, true}}, "", false, true},
		{"all are dead", []sending{{"a", false, false}}, "a", true, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			l := newLedger()
			for _, w := range tc.wishes {
				l.sent(target{1, "agent"}, w)
			}
			if got := l.allowed(target{1, "agent"}, map[string][]letter{tc.dead: {{}}}, tc.state); got != tc.want {
				t.Errorf("allowed = %t, want %t", got, tc.want)
			}
		})
	}
}
