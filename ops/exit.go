package main

import (
	"context"
	"errors"
	"fmt"

	"helpcrunch-mark-read/ops/internal/bulk"
	"helpcrunch-mark-read/ops/internal/explain"
	"helpcrunch-mark-read/ops/internal/terminal"
)

// The exit codes, as the help describes them.
const (
	exitDone     = 0
	exitFailed   = 1
	exitUsage    = 2
	exitProblems = 3
	exitFaulty   = 4
	exitStopped  = 130
)

// usageError says that the command was called wrongly.
type usageError struct{ says string }

func (e *usageError) Error() string { return e.says }

// exitError ends the command with a code when all has been said; says can be empty.
type exitError struct {
	code int
	says string
}

func (e *exitError) Error() string { return e.says }

func undone(format string, args ...any) error {
	return &exitError{exitFailed, fmt.Sprintf(format, args...)}
}

// judge returns the exit code of an error, and the sentence to say.
func judge(err error) (code int, says string) {
	var exit *exitError
	var usage *usageError
	var header *bulk.FormatError
	var other *bulk.OtherFileError
	switch {
	case err == nil:
		return exitDone, ""
	case errors.As(err, &exit):
		return exit.code, exit.says
	case errors.As(err, &usage), errors.As(err, &other):
		return exitUsage, err.Error()
	case errors.Is(err, terminal.ErrNoTerminal):
		return exitUsage, err.Error() + "; --yes goes on without asking"
	case errors.As(err, &header):
		return exitFaulty, err.Error()
	case errors.Is(err, context.Canceled):
		return exitStopped, "stopped; running the same command again goes on from here"
	}
	return exitFailed, explain.Sentence(err)
}
