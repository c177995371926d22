package telemetry_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"helpcrunch-mark-read/shared/helpcrunch"
	"helpcrunch-mark-read/shared/outcome"
	"helpcrunch-mark-read/shared/telemetry"
)

// emf is a line in embedded metric format as CloudWatch reads it.
type emf struct {
	Level     string    `json:"level"`
	Timestamp time.Time `json:"timestamp"`
	AWS       struct {
		Timestamp         int64
		CloudWatchMetrics []directive
	} `json:"_aws"`
}

type directive struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []struct{ Name, Unit string }
}

// read finds the directive's metrics in the line's root.
func (d directive) read(t *testing.T, root map[string]any, found map[string]string) {
	t.Helper()
	if d.Namespace != "HelpCrunchMarkRead" || len(d.Metrics) == 0 || len(d.Metrics) > 100 {
		t.Errorf("namespace %q, %d metrics", d.Namespace, len(d.Metrics))
	}
	key := fmt.Sprint(d.Dimensions)
	for _, name := range slices.Concat(d.Dimensions...) {
		if value, ok := root[name].(string); !ok || value == "" {
			t.Errorf("the dimension %s has no value: %v", name, root)
		}
		if name == "Outcome" || name == "Reason" {
			key = fmt.Sprint(root[name], " ", d.Dimensions)
		}
	}
	for _, metric := range d.Metrics {
		values, isList := root[metric.Name].([]any)
		if _, isNumber := root[metric.Name].(float64); !isNumber && (!isList || len(values) == 0 || len(values) > 100) {
			t.Errorf("%s is neither a number nor a list of up to 100: %v", metric.Name, root)
		}
		if found[metric.Name+" "+key] != "" {
			t.Errorf("%s stands there twice for %s", metric.Name, key)
		}
		found[metric.Name+" "+key] = fmt.Sprint(root[metric.Name], " ", metric.Unit)
	}
}

var now = time.Date(2026, 11, 23, 12, 0, 0, 123_000_000, time.UTC)

// metrics checks what CloudWatch asks of every line, and returns each metric's values and unit by its dimensions.
func metrics(t *testing.T, m *telemetry.Metrics) map[string]string {
	t.Helper()
	var out bytes.Buffer
	m.Write(&out, now)
	found := map[string]string{}
	for line := range strings.Lines(out.String()) {
		var e emf
		var root map[string]any
		if err := json.Unmarshal([]byte(line), &e); err != nil || !strings.HasSuffix(line, "}\n") {
			t.Fatalf("no JSON line: %v: %s", err, line)
		}
		if err := json.Unmarshal([]byte(line), &root); err != nil {
			t.Fatal(err)
		}
		if e.Level != "INFO" || !e.Timestamp.Equal(now) || e.AWS.Timestamp != now.UnixMilli() || len(e.AWS.CloudWatchMetrics) == 0 {
			t.Errorf("line %s", line)
		}
		for _, d := range e.AWS.CloudWatchMetrics {
			d.read(t, root, found)
		}
	}
	return found
}

func TestMetrics(t *testing.T) {
	const byOutcome, byFunction = " [[Outcome] [FunctionName Outcome]]", " [[] [FunctionName]]"
	m := telemetry.NewMetrics(`queue-"1"`)
	applied := attempted(t, 200, chatBody)
	applied.Coalesced, applied.NotApplied, applied.Overtaken = 3, true, true
	other := attempted(t, 200, `{"readByAgent":true}`)
	unreadable := attempted(t, 200, `not JSON`)
	notFound := attempted(t, 404, `{"errors":[{"code":"not_found"}]}`)
	noCall := failed(&helpcrunch.NoAnswerError{Timeout: true, Reason: "late"})
	for _, a := range []telemetry.Attempt{applied, other, unreadable, notFound, noCall} {
		m.Attempt(&a)
	}
	m.DeadLettered(outcome.ChatNotFound)
	m.DeadLettered(outcome.KeyRejected)
	m.DeadLettered(outcome.KeyRejected)
	m.Refused("unauthorized")
	m.Held(90 * time.Second)
	m.Held(1500 * time.Millisecond)
	want := map[string]string{
		"Marks applied" + byOutcome:                             "3 Count",
		"Marks chat_not_found" + byOutcome:                      "1 Count",
		"Marks timed_out" + byOutcome:                           "1 Count",
		"DeadLettered chat_not_found" + byOutcome:               "1 Count",
		"DeadLettered key_rejected" + byOutcome:                 "2 Count",
		"Calls" + byFunction:                                    "4 Count",
		"Coalesced" + byFunction:                                "3 Count",
		"NotApplied" + byFunction:                               "1 Count",
		"Overtaken" + byFunction:                                "1 Count",
		"Refused unauthorized [[Reason] [FunctionName Reason]]": "1 Count",
		"UpstreamLatency" + byFunction:                          "[81.234 81.234 81.234 81.234] Milliseconds",
		"HeldAge" + byFunction:                                  "[90 1.5] Seconds",
	}
	if got := metrics(t, m); !reflect.DeepEqual(got, want) {
		t.Errorf("metrics %v\nwant %v", got, want)
	}
}

func TestOneValueIsANumber(t *testing.T) {
	m := telemetry.NewMetrics("f")
	m.Held(2 * time.Second)
	if got := metrics(t, m)["HeldAge [[] [FunctionName]]"]; got != "2 Seconds" {
		t.Errorf("HeldAge = %s", got)
	}
}

func TestMoreValuesThanALineMayHold(t *testing.T) {
	m := telemetry.NewMetrics("f")
	for i := range 250 {
		m.Held(time.Duration(i) * time.Second)
	}
	if got := metrics(t, m)["HeldAge [[] [FunctionName]]"]; strings.Count(got, " ") != 100 {
		t.Errorf("HeldAge = %s", got)
	}
}

func TestNothingIsWrittenForNothing(t *testing.T) {
	var out bytes.Buffer
	telemetry.NewMetrics("f").Write(&out, now)
	if out.Len() > 0 {
		t.Errorf("written: %s", out.String())
	}
}

// writes keeps each call of Write apart: Lambda takes one write for one log event.
type writes struct{ all []string }

func (w *writes) Write(p []byte) (int, error) {
	w.all = append(w.all, string(p))
	return len(p), nil
}

func TestEachLineIsOneWrite(t *testing.T) {
	m := telemetry.NewMetrics("f")
	for _, a := range []telemetry.Attempt{attempted(t, 200, "{}"), attempted(t, 500, "")} {
		m.Attempt(&a)
	}
	var w writes
	m.Write(&w, now)
	if len(w.all) != 2 || slices.ContainsFunc(w.all, func(s string) bool { return strings.Count(s, "\n") != 1 }) {
		t.Errorf("%d writes: %q", len(w.all), w.all)
	}
}
