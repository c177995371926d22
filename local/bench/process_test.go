package bench

import (
	"bytes"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"
)

// BenchmarkProcess measures the compiled functions, warm: CPU time (user and system) of an invocation beside the smallest
// function's, and the most memory that was ever resident. HelpCrunch and Secrets Manager are near and speak plain HTTP.
func BenchmarkProcess(b *testing.B) {
	variables := upstreams(b)
	for _, tc := range []struct {
		name, ours, floor string
		event             []byte
	}{
		{"http", HTTP, SmallestHTTP, HTTPEvent},
		{"http_of_the_sample", Sample, SmallestHTTP, HTTPEvent}, // what calling HelpCrunch costs when nothing else is done
		{"ten_chats", Queue, SmallestQueue, batch(b, 10)},
		{"three_chats", Queue, SmallestQueue, batch(b, 3)},
	} {
		b.Run(tc.name, func(b *testing.B) { compareProcesses(b, build(b, tc.ours), build(b, tc.floor), variables, tc.event) })
	}
}

func compareProcesses(b *testing.B, ours, floor string, variables map[string]string, event []byte) {
	var cpu, floorCPU []time.Duration
	var first, last float64
	for b.Loop() {
		u := use(b, ours, variables, event, 10_000)
		cpu, first, last = append(cpu, u.cpu), max(first, u.afterOne), max(last, u.afterAll)
		floorCPU = append(floorCPU, use(b, floor, variables, event, 3_000).cpu)
	}
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(median(cpu).Nanoseconds()), "cpu-ns/invocation")
	b.ReportMetric(float64(median(cpu))/float64(median(floorCPU)), "x-smallest-cpu")
	b.ReportMetric(first, "MB-after-1")
	b.ReportMetric(last, "MB-after-10000")
}

// usage is what a process used: CPU time an invocation, and memory in MB after the first and after the last one.
type usage struct {
	cpu                time.Duration
	afterOne, afterAll float64
}

func use(b *testing.B, binary string, variables map[string]string, event []byte, invocations int) (u usage) {
	p, err := StartProcess(variables, nil, binary)
	if err != nil {
		b.Fatal(err)
	}
	for i := range invocations {
		if _, _, err := p.Invoke(event); err != nil {
			b.Fatal(err)
		}
		if i == 0 {
			u.afterOne = peak(b, p)
		}
	}
	u.afterAll = peak(b, p)
	cpu, err := p.Stop()
	if err != nil {
		b.Fatal(err)
	}
	u.cpu = cpu / time.Duration(invocations) // the start's few milliseconds are in it
	return u
}

func peak(b *testing.B, p *Process) float64 {
	bytes, err := p.PeakMemory()
	if err != nil {
		b.Fatal(err)
	}
	return float64(bytes) / (1 << 20)
}

func batch(t testing.TB, chats int) []byte {
	event, err := Batch(10, chats)
	if err != nil {
		t.Fatal(err)
	}
	return event
}

// BenchmarkInstructions counts the instructions from exec to the end of the first invocation under valgrind's callgrind,
// with everything behind TLS: medians, which hardly depend on how busy the machine is.
func BenchmarkInstructions(b *testing.B) {
	valgrind, err := exec.LookPath("valgrind")
	if err != nil {
		b.Skip("valgrind is not installed")
	}
	variables := farUpstreams(b, false)
	binaries := map[string]string{"ours": build(b, HTTP), "smallest": build(b, SmallestHTTP), "sample": build(b, Sample)}
	counts := map[string][]float64{}
	for b.Loop() {
		for range 5 {
			for name, binary := range binaries {
				if n, ok := instructions(b, valgrind, binary, variablesOf(name, variables)); ok {
					counts[name] = append(counts[name], n)
				}
			}
		}
	}
	if len(counts) < len(binaries) {
		b.Skip("the machine is too busy: under callgrind the secret could not be read in time")
	}
	b.ReportMetric(0, "ns/op")
	for name, all := range counts {
		b.ReportMetric(median(all)/1e6, name+"-Minstr")
	}
	b.ReportMetric(median(counts["ours"])/median(counts["sample"]), "x-sample")
}

// instructions counts those of one process. It is not ok when the function gave up waiting: callgrind makes it fifty times
// slower, but not its deadlines longer.
func instructions(b *testing.B, valgrind, binary string, variables map[string]string) (count float64, ok bool) {
	log := filepath.Join(b.TempDir(), "valgrind.log")
	variables = maps.Clone(variables)
	variables["GODEBUG"] = "asyncpreemptoff=1" // fifty times slower, everything seems to run for too long
	p, err := StartProcess(variables, nil, valgrind, "--tool=callgrind", "--fair-sched=yes", "--callgrind-out-file=/dev/null", "--log-file="+log, binary)
	if err != nil {
		b.Fatal(err)
	}
	answer, _, err := p.Invoke(HTTPEvent)
	ok = bytes.Contains(answer, []byte(`"statusCode":200`))
	if _, stopErr := p.Stop(); err != nil || stopErr != nil {
		b.Fatal(err, stopErr)
	}
	text, err := os.ReadFile(log)
	if err != nil {
		b.Fatal(err)
	}
	found := regexp.MustCompile(`Collected : (\d+)`).FindSubmatch(text)
	if found == nil {
		b.Fatalf("callgrind counted nothing:\n%s", bytes.TrimSpace(text))
	}
	count, err = strconv.ParseFloat(string(found[1]), 64)
	if err != nil {
		b.Fatal(err)
	}
	return count, ok
}
