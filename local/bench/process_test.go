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
		{"http", httpFunction, smallestHTTP, httpEvent},
		{"http_of_the_sample", sample, smallestHTTP, httpEvent}, // what calling HelpCrunch costs when nothing else is done
		{"ten_chats", queueFunction, smallestQueue, batch(b, 10)},
		{"three_chats", queueFunction, smallestQueue, batch(b, 3)},
	} {
		b.Run(tc.name, func(b *testing.B) {
			compareProcesses(b, buildBinary(b, tc.ours), buildBinary(b, tc.floor), variables, tc.event)
		})
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
	p, err := startProcess(variables, nil, binary)
	if err != nil {
		b.Fatal(err)
	}
	if _, _, err := p.api.invoke(event, 1); err != nil {
		b.Fatal(err)
	}
	u.afterOne = peak(b, p)
	if _, _, err := p.api.invoke(event, invocations-1); err != nil {
		b.Fatal(err)
	}
	u.afterAll = peak(b, p)
	cpu, err := p.stop()
	if err != nil {
		b.Fatal(err)
	}
	u.cpu = cpu / time.Duration(invocations) // the start's few milliseconds are in it
	return u
}

func peak(b *testing.B, p *process) float64 {
	bytes, err := p.peakMemory()
	if err != nil {
		b.Fatal(err)
	}
	return float64(bytes) / (1 << 20)
}

// BenchmarkInstructions counts the instructions from exec to the end of the first invocation under valgrind's callgrind,
// with everything behind TLS: medians, which hardly depend on how busy the machine is.
func BenchmarkInstructions(b *testing.B) {
	valgrind, err := exec.LookPath("valgrind")
	if err != nil {
		b.Skip("valgrind is not installed")
	}
	variables := farUpstreams(b, false)
	binaries := map[string]string{"ours": buildBinary(b, httpFunction), "smallest": buildBinary(b, smallestHTTP), "sample": buildBinary(b, sample)}
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

// instructions counts those of one process. It is not ok when the function stopped waiting: callgrind makes it fifty times
// slower, but not its deadlines longer.
func instructions(b *testing.B, valgrind, binary string, variables map[string]string) (count float64, ok bool) {
	log := filepath.Join(b.TempDir(), "valgrind.log")
	variables = maps.Clone(variables)
	variables["GODEBUG"] = "asyncpreemptoff=1" // fifty times slower, everything seems to run for too long
	p, err := startProcess(variables, nil, valgrind, "--tool=callgrind", "--fair-sched=yes", "--callgrind-out-file=/dev/null", "--log-file="+log, binary)
	if err != nil {
		b.Fatal(err)
	}
	answer, _, err := p.api.invoke(httpEvent, 1)
	ok = bytes.Contains(answer, []byte(`"statusCode":200`))
	if _, stopErr := p.stop(); err != nil || stopErr != nil {
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
