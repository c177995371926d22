package telemetry

import (
	"encoding/json"
	"io"
	"slices"
	"time"

	"helpcrunch-mark-read/shared/attempt"
	"helpcrunch-mark-read/shared/outcome"
)

// Namespace is where CloudWatch shows the metrics.
const Namespace = "HelpCrunchMarkRead"

// maxValues is how many values of one metric CloudWatch takes from a line; what is above them is left out.
const maxValues = 100

// Metrics gathers what one invocation counts and writes it in CloudWatch's embedded metric format.
// A Metrics belongs to one invocation and is not safe for concurrent use.
type Metrics struct {
	function string
	outcomes []tally
	refused  []string // a reason a refused caller
	general  []series
}

// tally counts one outcome.
type tally struct {
	outcome             outcome.Outcome
	marks, deadLettered float64
}

// series is one metric of a line; without values it is left out.
type series struct {
	name, unit string
	values     []float64
}

// NewMetrics begins an invocation's metrics; function is the function's name, which keeps stacks in one account apart.
func NewMetrics(function string) *Metrics { return &Metrics{function: function} }

func (m *Metrics) of(o outcome.Outcome) *tally {
	i := slices.IndexFunc(m.outcomes, func(t tally) bool { return t.outcome == o })
	if i < 0 {
		i = len(m.outcomes)
		m.outcomes = append(m.outcomes, tally{outcome: o})
	}
	return &m.outcomes[i]
}

// Attempt counts an attempt.
func (m *Metrics) Attempt(a *Attempt) {
	m.of(a.Outcome).marks++
	m.count("Coalesced", a.Coalesced)
	m.Called(a.Result)
}

// Called counts the calls of an attempt, also of one that the gate ended before there was an outcome.
func (m *Metrics) Called(r attempt.Result) {
	m.count("Calls", r.Calls)
	if r.Calls > 0 {
		m.sample("UpstreamLatency", "Milliseconds", milliseconds(r.Upstream))
	}
	if r.NotApplied {
		m.count("NotApplied", 1)
	}
	if r.Overtaken {
		m.count("Overtaken", 1)
	}
}

// DeadLettered counts a message that is safe in the dead-letter queue.
func (m *Metrics) DeadLettered(o outcome.Outcome) { m.of(o).deadLettered++ }

// Held records the age of a message that goes back to the queue.
func (m *Metrics) Held(age time.Duration) { m.sample("HeldAge", "Seconds", age.Seconds()) }

// Refused counts a caller that was not let in.
func (m *Metrics) Refused(reason string) { m.refused = append(m.refused, reason) }

func (m *Metrics) count(name string, n int) {
	if n == 0 {
		return
	}
	s := m.series(name, "Count")
	if len(s.values) == 0 {
		s.values = []float64{0}
	}
	s.values[0] += float64(n)
}

func (m *Metrics) sample(name, unit string, value float64) {
	if s := m.series(name, unit); len(s.values) < maxValues {
		s.values = append(s.values, value)
	}
}

func (m *Metrics) series(name, unit string) *series {
	i := slices.IndexFunc(m.general, func(s series) bool { return s.name == name })
	if i < 0 {
		i = len(m.general)
		m.general = append(m.general, series{name: name, unit: unit})
	}
	return &m.general[i]
}

// Write writes a JSON line for each outcome and each refusal. What has neither stands on the first line: another one would
// cost as much to write and to keep as all the rest.
func (m *Metrics) Write(out io.Writer, now time.Time) {
	general := &directive{dimensions: [][]string{{}, {"FunctionName"}}, metrics: m.general}
	for _, t := range m.outcomes {
		m.writeLine(out, now, "Outcome", string(t.outcome), general,
			series{"Marks", "Count", []float64{t.marks}}, series{"DeadLettered", "Count", []float64{t.deadLettered}})
		general = &directive{}
	}
	for _, reason := range m.refused {
		m.writeLine(out, now, "Reason", reason, general, series{"Refused", "Count", []float64{1}})
		general = &directive{}
	}
	if len(general.metrics) > 0 {
		m.writeLine(out, now, "", "", general)
	}
}

// directive is what a line says of metrics with the same dimensions.
type directive struct {
	dimensions [][]string
	metrics    []series
}

// writeLine writes one line. It carries the level INFO: Lambda's log filter takes a line without a level for one, but
// would drop it from WARN on without a word.
func (m *Metrics) writeLine(out io.Writer, now time.Time, dimension, value string, general *directive, metrics ...series) {
	fields := map[string]any{"level": "INFO", "timestamp": now.UTC().Format(time.RFC3339Nano), "FunctionName": m.function}
	directives := []map[string]any{}
	if dimension != "" {
		fields[dimension] = value
		directives = (&directive{[][]string{{dimension}, {"FunctionName", dimension}}, metrics}).add(directives, fields)
	}
	directives = general.add(directives, fields)
	fields["_aws"] = map[string]any{"Timestamp": now.UnixMilli(), "CloudWatchMetrics": directives}
	line, _ := json.Marshal(fields)      // strings and finite numbers can always be marshalled
	_, _ = out.Write(append(line, '\n')) // an error could be reported to nobody
}

// add puts the metrics that have values into the line's fields, and returns the list with what CloudWatch needs to find them.
func (d *directive) add(list []map[string]any, fields map[string]any) []map[string]any {
	var names []map[string]string
	for _, s := range d.metrics {
		if len(s.values) == 1 && s.values[0] == 0 && s.unit == "Count" {
			continue
		}
		names = append(names, map[string]string{"Name": s.name, "Unit": s.unit})
		fields[s.name] = s.values
		if len(s.values) == 1 {
			fields[s.name] = s.values[0]
		}
	}
	if names == nil {
		return list
	}
	return append(list, map[string]any{"Namespace": Namespace, "Dimensions": d.dimensions, "Metrics": names})
}
