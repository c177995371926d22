package telemetry

import (
	"encoding/json"
	"io"
	"slices"
	"strconv"
	"time"

	"helpcrunch-mark-read/shared/attempt"
	"helpcrunch-mark-read/shared/outcome"
)

// Namespace is where CloudWatch shows the metrics.
const Namespace = "HelpCrunchMarkRead"

// Metrics gathers what one invocation counts and writes it in CloudWatch's embedded metric format: a JSON line for each
// outcome. A Metrics belongs to one invocation and is not safe for concurrent use.
type Metrics struct {
	function        []byte // quoted
	outcomes        []tally
	calls           int
	coalesced       int
	notApplied      int
	upstreamLatency []float64 // milliseconds
	heldAge         []float64 // seconds
}

// NewMetrics begins an invocation's metrics; function is the function's name, which tells stacks in one account apart.
func NewMetrics(function string) *Metrics {
	quoted, _ := json.Marshal(function) // a string can always be marshalled
	return &Metrics{function: quoted}
}

// tally is what is counted by outcome. A mark that was held for long can be dead-lettered by an invocation that counts no
// mark with its outcome.
type tally struct {
	outcome        outcome.Outcome
	marks, letters int
}

func (m *Metrics) of(o outcome.Outcome) *tally {
	i := slices.IndexFunc(m.outcomes, func(t tally) bool { return t.outcome == o })
	if i < 0 {
		i = len(m.outcomes)
		m.outcomes = append(m.outcomes, tally{outcome: o})
	}
	return &m.outcomes[i]
}

// Attempt counts an attempt. NotApplied counts a 2xx whose flag is not the one that was asked for.
func (m *Metrics) Attempt(a *Attempt) {
	m.of(a.Outcome).marks++
	m.coalesced += a.Coalesced
	m.Called(a.Result)
	if a.Outcome == outcome.Applied {
		if read, known := a.Answer.Flag(a.Mark.Reader); known && read != a.Mark.Read {
			m.notApplied++
		}
	}
}

// Called counts the calls of an attempt, also of one that came to nothing.
func (m *Metrics) Called(r attempt.Result) {
	if r.Calls > 0 {
		m.calls += r.Calls
		m.upstreamLatency = append(m.upstreamLatency, milliseconds(r.Upstream))
	}
}

// DeadLettered counts a message that is safe in the dead-letter queue.
func (m *Metrics) DeadLettered(o outcome.Outcome) { m.of(o).letters++ }

// Held notes the age of a message that goes back to the queue.
func (m *Metrics) Held(age time.Duration) { m.heldAge = append(m.heldAge, age.Seconds()) }

// maxValues is how many values of one metric CloudWatch takes from a line; what is above them is left out.
const maxValues = 100

// Write writes the lines. Each carries the level INFO, so that Lambda's log filter treats it as what it is. What has no
// outcome stands on the first line: another one would cost as much to write as all the rest.
func (m *Metrics) Write(out io.Writer, now time.Time) {
	general := directive{`[[],["FunctionName"]]`, []series{
		{"Calls", "Count", count(m.calls)},
		{"Coalesced", "Count", count(m.coalesced)},
		{"NotApplied", "Count", count(m.notApplied)},
		{"UpstreamLatency", "Milliseconds", m.upstreamLatency},
		{"HeldAge", "Seconds", m.heldAge},
	}}
	if len(m.outcomes) == 0 && !general.empty() {
		_, _ = out.Write(m.appendLine(nil, now, "", general)) // there is nobody to tell that nothing can be told
	}
	for _, t := range m.outcomes {
		byOutcome := directive{`[["Outcome"],["FunctionName","Outcome"]]`, []series{
			{"Marks", "Count", count(t.marks)},
			{"DeadLettered", "Count", count(t.letters)},
		}}
		_, _ = out.Write(m.appendLine(nil, now, t.outcome, byOutcome, general))
		general = directive{}
	}
}

// directive is what a line says of metrics with the same dimensions.
type directive struct {
	dimensions string // JSON
	metrics    []series
}

func (d directive) empty() bool {
	return !slices.ContainsFunc(d.metrics, func(s series) bool { return len(s.values) > 0 })
}

// series is one metric of a line; without values it is left out.
type series struct {
	name, unit string
	values     []float64
}

func count(n int) []float64 {
	if n == 0 {
		return nil
	}
	return []float64{float64(n)}
}

// appendLine appends one line. It is put together by hand because encoding/json would take most of an invocation's
// allocations for it.
func (m *Metrics) appendLine(b []byte, now time.Time, byOutcome outcome.Outcome, directives ...directive) []byte {
	b = append(b, `{"level":"INFO","timestamp":"`...)
	b = now.UTC().AppendFormat(b, time.RFC3339Nano)
	b = append(b, `","_aws":{"Timestamp":`...)
	b = strconv.AppendInt(b, now.UnixMilli(), 10)
	b = append(b, `,"CloudWatchMetrics":[`...)
	separator := ""
	for _, d := range directives {
		if !d.empty() {
			b = d.append(append(b, separator...))
			separator = ","
		}
	}
	b = append(b, `]},"FunctionName":`...)
	b = append(b, m.function...)
	if byOutcome != "" {
		b = append(b, `,"Outcome":"`+string(byOutcome)+`"`...)
	}
	for _, d := range directives {
		for _, s := range d.metrics {
			b = s.append(b)
		}
	}
	return append(b, "}\n"...)
}

// append names the metrics that have values.
func (d directive) append(b []byte) []byte {
	b = append(b, `{"Namespace":"`+Namespace+`","Dimensions":`+d.dimensions+`,"Metrics":[`...)
	separator := ""
	for _, s := range d.metrics {
		if len(s.values) > 0 {
			b = append(b, separator+`{"Name":"`+s.name+`","Unit":"`+s.unit+`"}`...)
			separator = ","
		}
	}
	return append(b, `]}`...)
}

// append writes a single value as a number and several as a list.
func (s series) append(b []byte) []byte {
	if len(s.values) == 0 {
		return b
	}
	b = append(b, `,"`+s.name+`":`...)
	if len(s.values) == 1 {
		return strconv.AppendFloat(b, s.values[0], 'f', -1, 64)
	}
	b = append(b, '[')
	for i, v := range s.values[:min(len(s.values), maxValues)] {
		if i > 0 {
			b = append(b, ',')
		}
		b = strconv.AppendFloat(b, v, 'f', -1, 64)
	}
	return append(b, ']')
}
