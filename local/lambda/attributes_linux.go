package lambda

import "syscall"

// processAttributes puts the function into a process group of its own, so that Ctrl-C in a terminal reaches only the parent,
// which ends it in order, and has the kernel kill it when the parent dies without doing so.
func processAttributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
}
