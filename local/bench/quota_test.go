package bench

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"time"
)

// errNoGroups says that this machine lets nobody make a group with a CPU quota.
var errNoGroups = errors.New("no CPU quota can be set on this machine: it needs root and the cpu controller of cgroup v1 or v2")

// group is a control group that limits its processes' share of a CPU. A nil group limits nothing.
type group struct{ dir string }

// period is that of Lambda's own quota, as far as measurements from outside show it.
const period = 20 * time.Millisecond

// lambdaMB is how much memory comes with one whole CPU, says Lambda's documentation.
const lambdaMB = 1769

// newGroup makes a group without a limit.
func newGroup() (*group, error) {
	for _, root := range []string{"/sys/fs/cgroup/cpu", "/sys/fs/cgroup"} {
		dir, err := os.MkdirTemp(root, "bench-")
		if err != nil {
			continue
		}
		g := &group{dir}
		if g.has("cpu.cfs_quota_us") || g.has("cpu.max") {
			return g, nil
		}
		_ = g.close()
	}
	return nil, errNoGroups
}

func (g *group) has(file string) bool {
	_, err := os.Stat(filepath.Join(g.dir, file))
	return err == nil
}

func (g *group) write(file, value string) error {
	return os.WriteFile(filepath.Join(g.dir, file), []byte(value), 0o600)
}

// add moves a process with all its threads into the group.
func (g *group) add(pid int) error {
	if g == nil {
		return nil
	}
	return g.write("cgroup.procs", strconv.Itoa(pid))
}

// limit sets the group's share of a CPU that Lambda assigns to a function of so much memory.
func (g *group) limit(memoryMB int) error {
	quota := period.Microseconds() * int64(memoryMB) / lambdaMB
	if g.has("cpu.max") {
		return g.write("cpu.max", fmt.Sprintf("%d %d", quota, period.Microseconds()))
	}
	return errors.Join(
		g.write("cpu.cfs_period_us", strconv.FormatInt(period.Microseconds(), 10)),
		g.write("cpu.cfs_quota_us", strconv.FormatInt(quota, 10)))
}

// close removes the group, whose processes must have ended.
func (g *group) close() error { return os.Remove(g.dir) }
