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

// Process is a compiled function with a Runtime API of its own. Its output is dropped.
type Process struct {
	API     *RuntimeAPI
	Init    time.Duration // from exec to the first question for work
	command *exec.Cmd
}

// StartProcess runs the command with nothing but these variables and waits until the function asks for work. The group may
// be nil.
func StartProcess(variables map[string]string, group *Group, command ...string) (*Process, error) {
	api, err := NewRuntimeAPI()
	if err != nil {
		return nil, err
	}
	p := &Process{API: api, command: exec.Command(command[0], command[1:]...)}
	p.command.Env = []string{"AWS_LAMBDA_RUNTIME_API=" + api.Address(), "PATH=" + os.Getenv("PATH")}
	for name, value := range variables {
		p.command.Env = append(p.command.Env, name+"="+value)
	}
	started := time.Now()
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	if err := group.Add(p.command.Process.Pid); err != nil {
		return nil, err
	}
	polled, err := api.AwaitPoll()
	if err != nil {
		_ = p.command.Process.Kill()
		return nil, fmt.Errorf("%s: %w", command[0], err)
	}
	p.Init = polled.Sub(started)
	return p, nil
}

// Invoke runs one invocation and gives its answer and how long that took.
func (p *Process) Invoke(event []byte) (answer []byte, took time.Duration, err error) {
	started := time.Now()
	answer, at, err := p.API.Invoke(event)
	if err == nil {
		_, err = p.API.AwaitPoll()
	}
	return answer, at.Sub(started), err
}

// PeakMemory is the most memory that was ever resident, in bytes.
func (p *Process) PeakMemory() (int64, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.command.Process.Pid))
	if err != nil {
		return 0, err
	}
	_, rest, _ := strings.Cut(string(status), "VmHWM:")
	line, _, _ := strings.Cut(rest, "\n")
	kilobytes, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(line, " kB")), 10, 64)
	return kilobytes << 10, err
}

// Stop ends the process and gives the CPU time that it took altogether.
func (p *Process) Stop() (cpu time.Duration, err error) {
	_ = p.API.Close()
	err = p.command.Process.Signal(syscall.SIGTERM)
	_ = p.command.Wait() // the way it ends says nothing: its Runtime API is gone
	return p.command.ProcessState.UserTime() + p.command.ProcessState.SystemTime(), err
}
