// Package telemetrytest checks what functions log.
package telemetrytest

import (
	"encoding/json"
	"strings"
	"testing"
)

// CheckLines checks that every line is one JSON object: no foreign byte begins a line, and none ends an object too early. A
// foreign text that would be a line of its own has the message "forged".
func CheckLines(t testing.TB, text string) {
	t.Helper()
	for line := range strings.Lines(text) {
		var fields map[string]any
		if err := json.Unmarshal([]byte(line), &fields); err != nil || fields["message"] == "forged" || !strings.HasSuffix(line, "}\n") {
			t.Errorf("%v: no line of ours: %q", err, line)
		}
	}
}
