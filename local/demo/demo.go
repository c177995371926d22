// Package demo drives the local stack without a person and says what happened. What it says is checked: a line that is not
// true makes it fail.
package demo

import (
	"context"
	"fmt"
	"io"
	"time"

	"helpcrunch-mark-read/local/lambda"
	"helpcrunch-mark-read/local/stack"
)

// The demo's HelpCrunch allows ten times the documented limit, so that ten minutes fit into one.
const (
	accountLimit = 1200
	share        = 1000
)

// demo is one run. Its parts write to the report as they go.
type demo struct {
	*stack.Stack
	*report
	lines *lines
}

// Run starts a stack, drives it, and writes a report. Its error says how many lines of the report are not true.
func Run(ctx context.Context, out io.Writer) error {
	fmt.Fprintln(out, "Building the functions and starting the stack ...")
	seen := &lines{}
	s, err := stack.Start(ctx, stack.Options{
		AccountLimit: accountLimit, RequestsPerMinute: share, Log: func(line lambda.Line) { seen.add(line.Text) },
	})
	if err != nil {
		return err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = s.Close(closing) // the report is written by now
	}()
	d := &demo{s, &report{out: out}, seen}
	d.throughHTTP(ctx)
	if err := d.throughTheQueue(ctx); err != nil {
		return err
	}
	return d.err()
}
