package docscheck

import (
	"bufio"
	"fmt"
	"go/format"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"helpcrunch-mark-read/local/stack"
	"helpcrunch-mark-read/local/stack/stacktest"
)

// patience is for what compiles, starts an interpreter or crosses the whole stack on a busy machine.
const patience = 2 * time.Minute

// clean is this process's environment less all that could lead to a real account.
func clean() []string {
	return slices.DeleteFunc(os.Environ(), func(variable string) bool {
		return strings.HasPrefix(variable, "AWS_") || strings.HasPrefix(variable, "HELPCRUNCH_")
	})
}

// environment is what a snippet's user has set, for the stack instead of AWS.
func environment(s *stack.Stack) []string {
	return append(clean(), "AWS_ENDPOINT_URL="+s.AWSURL, "AWS_REGION=eu-central-1", "AWS_DEFAULT_REGION=eu-central-1",
		"AWS_ACCESS_KEY_ID=local", "AWS_SECRET_ACCESS_KEY=local", "AWS_PAGER=", "MARKS_QUEUE_URL="+s.QueueURL)
}

// succeeds runs a program from the repository's root. What it says is shown when it fails.
func succeeds(t *testing.T, environment []string, input, name string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir, command.Env, command.Stdin = root, environment, strings.NewReader(input)
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", name, err, output)
	}
	return string(output)
}

// arrives waits until the agent's mark that all snippets send has gone through the queue and its function to HelpCrunch.
func arrives(t *testing.T, s *stack.Stack) {
	t.Helper()
	deadline := time.After(patience)
	for {
		changed := s.Simulator.Changed()
		if chat, _ := s.Simulator.Chat(5208); chat.ReadByAgent {
			return
		}
		select {
		case <-changed:
		case <-deadline:
			t.Fatal("the mark never came to HelpCrunch")
		}
	}
}

func needs(t *testing.T, program string, args ...string) string {
	t.Helper()
	path, err := exec.LookPath(program)
	if err == nil {
		err = exec.CommandContext(t.Context(), path, args...).Run()
	}
	if err != nil {
		t.Skipf("%s %s: %v", program, strings.Join(args, " "), err)
	}
	return path
}

// sendsWithCLI runs a block that is for AWS: an aws in front of the real one names the stack's endpoint.
func sendsWithCLI(t *testing.T, b block) {
	s, aws, dir := stacktest.Start(t, stack.Options{}), needs(t, "aws", "--version"), t.TempDir()
	script := fmt.Sprintf("#!/bin/sh\nexec %q --endpoint-url %s \"$@\"\n", aws, s.AWSURL)
	if err := os.WriteFile(filepath.Join(dir, "aws"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	succeeds(t, append(environment(s), "PATH="+dir+":"+os.Getenv("PATH")), "", "sh", "-c", b.text)
	arrives(t, s)
}

// sendsWithCLILocally runs a block that is for the local stack, at this stack's address and with nothing but what it sets.
func sendsWithCLILocally(t *testing.T, b block) {
	s := stacktest.Start(t, stack.Options{})
	needs(t, "aws", "--version")
	text := strings.ReplaceAll(b.text, "http://127.0.0.1:4566", s.AWSURL)
	if !strings.Contains(text, s.QueueURL) {
		t.Errorf("the queue is not the stack's, %s", s.QueueURL)
	}
	succeeds(t, append(clean(), "AWS_PAGER="), "", "sh", "-c", text)
	arrives(t, s)
}

func sendsWithGo(t *testing.T, b block) {
	s := stacktest.Start(t, stack.Options{})
	succeeds(t, environment(s), "", "go", "run", goFile(t, b))
	arrives(t, s)
}

// goFile writes a Go block, which must be formatted, into a file.
func goFile(t *testing.T, b block) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "main.go")
	if err := os.WriteFile(file, []byte(b.text+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if formatted, err := format.Source([]byte(b.text + "\n")); err != nil || string(formatted) != b.text+"\n" {
		t.Errorf("it is not formatted: %v", err)
	}
	return file
}

func sendsWithPython(t *testing.T, b block) {
	needs(t, "python3", "-c", "import boto3")
	s := stacktest.Start(t, stack.Options{})
	succeeds(t, environment(s), "", "python3", "-c", b.text)
	arrives(t, s)
}

// starts runs the README's first command, on free ports, until it says how to end it, and ends it so.
func starts(t *testing.T, b block) {
	free := " ARGS='-gateway 127.0.0.1:0 -aws 127.0.0.1:0 -helpcrunch 127.0.0.1:0 -page 127.0.0.1:0'"
	command := exec.CommandContext(t.Context(), "sh", "-c", b.text+free)
	command.Dir, command.Env, command.WaitDelay = root, clean(), patience
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGINT) }
	output, err := command.StdoutPipe()
	command.Stderr = command.Stdout
	if err == nil {
		err = command.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	said := ""
	for lines := bufio.NewScanner(output); lines.Scan(); {
		said += lines.Text() + "\n"
		if strings.Contains(lines.Text(), "Ctrl-C ends it") {
			_ = command.Cancel()
		}
	}
	_ = command.Wait() // make ends by the signal, as it should
	if strings.Contains(said, "***") {
		t.Errorf("make reports an error:\n%s", said)
	}
	for _, part := range []string{"Live page   http://", "Ctrl-C ends it", "Stopping"} {
		if !strings.Contains(said, part) {
			t.Errorf("it did not say %q:\n%s", part, said)
		}
	}
}
