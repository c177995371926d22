package main

import (
	"strings"

	"helpcrunch-mark-read/local/lambda"
)

// forbidden must stand in no line that a function writes: keys, tokens, the simulator's people, and signs of a broken promise.
var forbidden = []string{"helpcrunch-key-", "local-caller-token", "@", "DATA RACE", "panic", "fatal error"}

// line looks at every line that the functions write.
func (s *soak) line(line lambda.Line) {
	for _, text := range forbidden {
		if strings.Contains(line.Text, text) {
			s.faults.add("a line that must not be: %s: %s", line.Function, line.Text)
			break
		}
	}
	if line.Function == "queue" {
		s.audit.line(line.Text)
	}
}
