//go:build unix && !linux

package lambda

import "syscall"

// processAttributes puts the function into a process group of its own, so that Ctrl-C in a terminal reaches only the parent,
// which ends it in order. There is no parent-death signal here: if the parent is killed, the function ends when it next
// asks the Runtime API for work and finds nobody there.
func processAttributes() *syscall.SysProcAttr { return &syscall.SysProcAttr{Setpgid: true} }
