package bench

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a compiled function with a Runtime API of its own. Its output is dropped.
type process struct {
	api     runtimeAPI
	init    time.Duration // from exec to the first question for work
	command *exec.Cmd
}

// startProcess runs the command with nothing but these variables and waits until the function asks for work. The group may
// be nil.
func startProcess(variables map[string]string, g *group, command ...string) (*process, error) {
	api, err := newRuntimeAPI()
	if err != nil {
		return nil, err
	}
	p := &process{api: api, command: exec.Command(command[0], command[1:]...)}
	p.command.Env = []string{"AWS_LAMBDA_RUNTIME_API=" + api.address, "PATH=" + os.Getenv("PATH")}
	for name, value := range variables {
		p.command.Env = append(p.command.Env, name+"="+value)
	}
	started := time.Now()
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	if err := g.add(p.command.Process.Pid); err != nil {
		return nil, err
	}
	polled, err := api.awaitStart()
	if err != nil {
		_ = p.command.Process.Kill()
		return nil, fmt.Errorf("%s: %w", command[0], err)
	}
	p.init = polled.Sub(started)
	return p, nil
}

// peakMemory is the most memory that was ever resident, in bytes.
func (p *process) peakMemory() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	line, _, _ := strings.Cut(rest, "\n")
	kilobytes, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(line, " kB")), 10, 64)
	return kilobytes << 10, err
}

// stop ends the process and returns the CPU time that it took altogether.
func (p *process) stop() (cpu time.Duration, err error) {
	_ = p.api.close()
	err = p.command.Process.Signal(syscall.SIGTERM)
	_ = p.command.Wait() // the way it ends says nothing: its Runtime API is gone
	return p.command.ProcessState.UserTime() + p.command.ProcessState.SystemTime(), err
}
