package lambda

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"syscall"
	"time"
)

// outputDelay bounds the wait for output after a process has ended: what it started may hold its standard output open.
const outputDelay = time.Second

// process is one running function.
type process struct {
	pid    int
	handle *os.Process
	done   chan struct{} // closed when it is reaped and its output delivered
	reason string        // why it ended, empty for status 0; to be read after done
}

// startProcess starts a binary with exactly these variables and no standard input. Standard output and standard error share
// one pipe, so that their lines keep their order.
func startProcess(binary string, variables []string, output *lineWriter) (*process, error) {
	cmd := exec.Command(binary)
	cmd.Dir = filepath.Dir(binary)
	cmd.Env = variables
	cmd.Stdout = io.Writer(output)
	cmd.Stderr = cmd.Stdout
	cmd.SysProcAttr = processAttributes()
	cmd.WaitDelay = outputDelay

	p := &process{done: make(chan struct{})}
	started := make(chan error)
	go p.run(cmd, output, started)
	if err := <-started; err != nil {
		return nil, err
	}
	return p, nil
}

// run keeps the thread that started the process until it ends: Linux sends the parent-death signal when that thread ends,
// and not when the parent process does (golang.org/issue/27505).
func (p *process) run(cmd *exec.Cmd, output *lineWriter, started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := cmd.Start(); err != nil {
		started <- err
		return
	}
	p.pid, p.handle = cmd.Process.Pid, cmd.Process
	started <- nil

	_ = cmd.Wait()                            // the state says it
	_ = syscall.Kill(-p.pid, syscall.SIGKILL) // what it started itself: the group goes with its leader
	if state := cmd.ProcessState; !state.Success() {
		p.reason = state.String()
	}
	output.flush()
	close(p.done)
}

func (p *process) alive() bool {
	select {
	case <-p.done:
		return false
	default:
		return true
	}
}

// kill returns when the process is gone.
func (p *process) kill() {
	_ = p.handle.Kill() // fails only if it has ended
	<-p.done
}

// terminate asks the process to end, kills it after grace, and returns when it is gone.
func (p *process) terminate(grace time.Duration) {
	_ = p.handle.Signal(syscall.SIGTERM) // fails only if it has ended
	p.await(grace)
}

// await lets the process end by itself, kills it after grace, and returns when it is gone.
func (p *process) await(grace time.Duration) {
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-p.done:
	case <-timer.C:
		p.kill()
	}
}
