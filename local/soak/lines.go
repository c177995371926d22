package main

import (
	"encoding/json"
	"strings"
	"sync"

	"helpcrunch-mark-read/local/lambda"
)

// lines counts what the functions tell of, and looks for what no line may hold. It is safe for concurrent use.
type lines struct {
	mu      sync.Mutex
	applied int
	merged  int
	held    int
	wrong   map[string]int
}

// forbidden must stand in no line that a function writes: keys, tokens, the simulator's people, and signs of a broken promise.
var forbidden = []string{"helpcrunch-key-", "local-caller-token", "@", "DATA RACE", "panic", "fatal error"}

func (l *lines) add(line lambda.Line) {
	var told struct {
		Message, Action, MessageID string
		Coalesced                  int
	}
	_ = json.Unmarshal([]byte(line.Text), &told) // a line that is no JSON tells of no attempt
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, text := range forbidden {
		if strings.Contains(line.Text, text) {
			if l.wrong == nil {
				l.wrong = map[string]int{}
			}
			l.wrong[line.Function+": "+line.Text]++
		}
	}
	switch {
	case told.Message != "attempt" || told.MessageID == "":
	case told.Action == "delete":
		l.applied++
		l.merged += told.Coalesced
	case told.Action == "hold":
		l.held += 1 + told.Coalesced
	}
}
