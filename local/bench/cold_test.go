package bench

import (
	"fmt"
	"iter"
	"maps"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// How far away the upstreams are in a cold start.
const (
	secretsAway    = 20 * time.Millisecond
	helpCrunchAway = 80 * time.Millisecond
)

// BenchmarkColdStart measures functions/http from exec to its first answer, with Secrets Manager and HelpCrunch behind TLS,
// beside the smallest function (which calls nobody) and the pattern that samples show. Init runs with a whole CPU, what
// follows with the share that the memory size brings.
func BenchmarkColdStart(b *testing.B) {
	binaries := map[string]string{"ours": buildBinary(b, httpFunction), "smallest": buildBinary(b, smallestHTTP), "sample": buildBinary(b, sample)}
	for _, trips := range []bool{false, true} {
		variables := farUpstreams(b, trips)
		for _, memory := range []int{lambdaMB, 256, 128} {
			name := fmt.Sprintf("%dMB", memory)
			if trips {
				name += "_handshakes_too"
			}
			b.Run(name, func(b *testing.B) { coldStarts(b, binaries, variables, memory) })
		}
	}
}

// coldStarts starts the three in turn, so that whatever else the machine does falls on all alike, and reports medians.
func coldStarts(b *testing.B, binaries, variables map[string]string, memory int) {
	inits, firsts, answers, seconds := map[string][]time.Duration{}, map[string][]time.Duration{}, map[string][]time.Duration{}, map[string][]time.Duration{}
	for b.Loop() {
		for name, binary := range rounds(binaries) {
			c := coldStart(b, binary, variablesOf(name, variables), memory)
			inits[name], firsts[name] = append(inits[name], c.init), append(firsts[name], c.first)
			answers[name], seconds[name] = append(answers[name], c.answer), append(seconds[name], c.second)
		}
	}
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	b.ReportMetric(0, "ns/op")
	for _, name := range []string{"smallest", "ours", "sample"} {
		b.ReportMetric(ms(median(inits[name])), name+"-init-ms")
		b.ReportMetric(ms(median(answers[name])), name+"-answer-ms")
		b.ReportMetric(float64(median(firsts[name]))/float64(median(seconds[name])), name+"-first/warm")
	}
	b.ReportMetric(float64(median(answers["ours"]))/float64(median(answers["sample"])), "x-sample")
}

// rounds yields the binaries again and again, often enough for a median; a loop of the benchmark's own would be too short.
func rounds(binaries map[string]string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for range 15 {
			for name, binary := range binaries {
				if !yield(name, binary) {
					return
				}
			}
		}
	}
}

// cold is one cold start.
type cold struct {
	init   time.Duration // from exec to the first question for work
	answer time.Duration // from exec to the first answer
	first  time.Duration // the first invocation
	second time.Duration // the second one
}

func coldStart(b *testing.B, binary string, variables map[string]string, memory int) cold {
	group, err := newGroup()
	if err != nil {
		b.Skip(err)
	}
	p, err := startProcess(variables, group, binary)
	if err != nil {
		b.Fatal(err)
	}
	if err := group.limit(memory); err != nil {
		b.Fatal(err)
	}
	c := cold{init: p.init}
	answer, first, err := p.api.invoke(httpEvent, 1)
	checkAnswer(b, answer, err)
	c.first, c.answer = first, p.init+first // what lies between is the group's
	answer, c.second, err = p.api.invoke(httpEvent, 1)
	checkAnswer(b, answer, err)
	if _, err := p.stop(); err != nil {
		b.Fatal(err)
	}
	if err := group.close(); err != nil {
		b.Fatal(err)
	}
	return c
}

// farUpstreams starts HelpCrunch and Secrets Manager behind TLS and returns the variables that name them.
func farUpstreams(t testing.TB, trips bool) map[string]string {
	t.Helper()
	bundle := filepath.Join(t.TempDir(), "roots.pem")
	far := func(u upstream, away time.Duration) string {
		u.Away, u.Bundle, u.Trips = away, bundle, trips
		return startUpstream(t, u)
	}
	variables := variablesFor(far(helpCrunch(), helpCrunchAway), far(secretsManager(), secretsAway))
	if err := os.Link(bundle, filepath.Join(filepath.Dir(bundle), "again.pem")); err != nil {
		t.Fatal(err)
	}
	variables["SSL_CERT_FILE"], variables["SSL_CERT_DIR"] = bundle, t.TempDir()
	return variables
}

// variablesOf takes back for the sample what the template sets for speed: Go then looks for root certificates in the folders
// beside the bundle too, and on Lambda's operating system finds the same ones there twice more.
func variablesOf(name string, variables map[string]string) map[string]string {
	if name != "sample" {
		return variables
	}
	variables = maps.Clone(variables)
	delete(variables, "GOMAXPROCS")
	variables["SSL_CERT_DIR"] = filepath.Dir(variables["SSL_CERT_FILE"])
	return variables
}
