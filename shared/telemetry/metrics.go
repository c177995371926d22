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
	refused  []string // the reason of each refused caller
	general  general
	latency  []float64 // milliseconds
	heldAge  []float64 // seconds
}

// tally counts one outcome.
type tally struct {
	outcome             outcome.Outcome
	marks, deadLettered int
}

// general are the metrics without a dimension of their own. What is zero is left out.
type general struct {
	Calls           int `json:",omitzero"`
	Coalesced       int `json:",omitzero"`
	NotApplied      int `json:",omitzero"`
	Overtaken       int `json:",omitzero"`
	UpstreamLatency any `json:",omitempty"`
	HeldAge         any `json:",omitempty"`
}

// samples are written as a number when there is one, and as a list otherwise.
func samples(values []float64) any {
	switch len(values) {
	case 0:
		return nil
	case 1:
		return values[0]
	}
	return values[:min(len(values), maxValues)]
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
	m.general.Coalesced += a.Coalesced
	m.Called(a.Result)
}

// Called counts the calls of an attempt, also of one that the gate ended before there was an outcome.
func (m *Metrics) Called(r attempt.Result) {
	g := &m.general
	g.Calls += r.Calls
	if r.Calls > 0 {
		m.latency = append(m.latency, milliseconds(r.Upstream))
	}
	if r.NotApplied {
		g.NotApplied++
	}
	if r.Overtaken {
		g.Overtaken++
	}
}

// DeadLettered counts a message that is safe in the dead-letter queue.
func (m *Metrics) DeadLettered(o outcome.Outcome) { m.of(o).deadLettered++ }

// Held records the age of a message that goes back to the queue.
func (m *Metrics) Held(age time.Duration) {
	m.heldAge = append(m.heldAge, age.Seconds())
}

// Refused counts a caller that was not let in.
func (m *Metrics) Refused(reason string) { m.refused = append(m.refused, reason) }

// line is one log line in embedded metric format. It carries the level INFO: Lambda's log filter takes a line without one
// for INFO too, and from WARN on drops it, so the template keeps INFO switched on.
type line struct {
	Level     string    `json:"level"`
	Timestamp time.Time `json:"timestamp"`
	AWS       struct {
		Timestamp         int64
		CloudWatchMetrics []directive
	} `json:"_aws"`
	FunctionName string
	Outcome      string `json:",omitempty"`
	Reason       string `json:",omitempty"`
	Marks        int    `json:",omitzero"`
	DeadLettered int    `json:",omitzero"`
	Refused      int    `json:",omitzero"`
	general
}

// directive names metrics of the line that have the same dimensions.
type directive struct {
	Namespace  string
	Dimensions [][]string
	Metrics    []metric
}

type metric struct{ Name, Unit string }

// everywhere are the dimensions of the general metrics: over all functions of the account, and by function.
var everywhere = [][]string{{}, {"FunctionName"}}

// Write writes a JSON line for each outcome and each refusal. What has neither stands on the first line: another one would
// cost as much to write and to keep as all the rest.
func (m *Metrics) Write(out io.Writer, now time.Time) {
	m.general.UpstreamLatency, m.general.HeldAge = samples(m.latency), samples(m.heldAge)
	var lines []line
	for _, t := range m.outcomes {
		lines = append(lines, line{Outcome: string(t.outcome), Marks: t.marks, DeadLettered: t.deadLettered})
	}
	for _, reason := range m.refused {
		lines = append(lines, line{Reason: reason, Refused: 1})
	}
	if lines == nil && m.general.metrics() != nil {
		lines = make([]line, 1)
	}
	for i := range lines {
		l := &lines[i]
		if i == 0 {
			l.general = m.general
		}
		l.Level, l.Timestamp, l.FunctionName = "INFO", now.UTC(), m.function
		l.AWS.Timestamp, l.AWS.CloudWatchMetrics = now.UnixMilli(), l.directives()
		text, _ := json.Marshal(l)           // strings and finite numbers can always be marshalled
		_, _ = out.Write(append(text, '\n')) // an error could be reported to nobody
	}
}

func (l *line) directives() (list []directive) {
	add := func(dimension string, metrics []metric) {
		if len(metrics) > 0 {
			list = append(list, directive{Namespace, [][]string{{dimension}, {"FunctionName", dimension}}, metrics})
		}
	}
	add("Outcome", named(named(nil, "Marks", "Count", l.Marks > 0), "DeadLettered", "Count", l.DeadLettered > 0))
	add("Reason", named(nil, "Refused", "Count", l.Refused > 0))
	if metrics := l.metrics(); metrics != nil {
		list = append(list, directive{Namespace, everywhere, metrics})
	}
	return list
}

// metrics names those that have a value.
func (g *general) metrics() (list []metric) {
	list = named(list, "Calls", "Count", g.Calls > 0)
	list = named(list, "Coalesced", "Count", g.Coalesced > 0)
	list = named(list, "NotApplied", "Count", g.NotApplied > 0)
	list = named(list, "Overtaken", "Count", g.Overtaken > 0)
	list = named(list, "UpstreamLatency", "Milliseconds", g.UpstreamLatency != nil)
	return named(list, "HeldAge", "Seconds", g.HeldAge != nil)
}

func named(list []metric, name, unit string, has bool) []metric {
	if has {
		list = append(list, metric{name, unit})
	}
	return list
}
