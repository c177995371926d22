package bench

import (
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// What package initialization may allocate, which every cold start pays for: the product's own packages together, and all
// that is linked.
const (
	ownInitAllocations = 10
	allInitAllocations = 8000
)

// TestPackagesDoLittleBeforeMain reads what the Go runtime itself traces of package initialization.
func TestPackagesDoLittleBeforeMain(t *testing.T) {
	for _, function := range []string{httpFunction, queueFunction} {
		t.Run(function, func(t *testing.T) {
			command := exec.CommandContext(t.Context(), buildBinary(t, function))
			command.Env = []string{"GODEBUG=inittrace=1"}
			trace, _ := command.CombinedOutput() // without an environment it ends at once, with an error
			own, all := 0, 0
			for _, line := range regexp.MustCompile(`(?m)^init (\S+) @.* (\d+) allocs$`).FindAllSubmatch(trace, -1) {
				n, _ := strconv.Atoi(string(line[2]))
				all += n
				if strings.HasPrefix(string(line[1]), "helpcrunch-mark-read/") {
					own += n
				}
			}
			t.Logf("%d allocations of our own, %d in all", own, all)
			if all == 0 {
				t.Fatalf("nothing was traced:\n%s", trace)
			}
			if own > ownInitAllocations || all > allInitAllocations {
				t.Errorf("%d allocations of our own and %d in all", own, all)
			}
		})
	}
}
