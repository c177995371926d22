package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"helpcrunch-mark-read/local/lambda"
	"helpcrunch-mark-read/local/page"
	"helpcrunch-mark-read/local/stack"
)

// run starts the stack and keeps it until it is interrupted.
func run(ctx context.Context, out io.Writer, args []string) error {
	o, err := readSettings(args)
	if err != nil {
		return err
	}
	if err := errors.Join(o.useReal(), o.free()); err != nil {
		return err
	}
	feed := page.NewFeed()
	o.Log = func(line lambda.Line) {
		feed.Log(line)
		if !strings.Contains(line.Text, `"_aws"`) { // metrics are for CloudWatch
			fmt.Fprintf(out, "%s | %s\n", line.Function, line.Text)
		}
	}
	fmt.Fprintln(out, "Building the functions ...")
	s, err := stack.Start(ctx, o.Options)
	if err != nil {
		return err
	}
	defer func() {
		fmt.Fprintln(out, "\nStopping ...")
		closing, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = s.Close(closing) // what was cut short by Ctrl-C is not a failure
	}()
	where := &urls{Stack: s, Real: o.RealBaseURL}
	if o.RealKey == "" {
		if err := servePage(s, feed, o.page, where); err != nil {
			return err
		}
	}
	fmt.Fprintf(out, "\n%s\nCtrl-C ends it.\n\n", where.help())
	<-ctx.Done()
	return nil
}

// servePage opens the live page, which goes with the stack. It is not for the real HelpCrunch: its buttons would write to an
// account.
func servePage(s *stack.Stack, feed *page.Feed, address string, where *urls) (err error) {
	p := page.New(page.Options{Stack: s, Mapping: s.Mapping, Feed: feed, OpsFlags: where.OpsFlags(), Help: where.help})
	where.Page, err = s.Serve("page", address, p)
	return err
}
