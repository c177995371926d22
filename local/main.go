// Command local runs the whole product on this machine: the two compiled functions, the HTTP API in front, SQS and Secrets
// Manager behind, and a HelpCrunch that can be broken on purpose. It needs Go and nothing else.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"helpcrunch-mark-read/local/stack"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	commands := map[string]func(context.Context, io.Writer, []string) error{"": run, "run": run, "demo": demonstrate, "simulator": simulate}
	name, args := "", os.Args[1:]
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		name, args = args[0], args[1:]
	}
	command, ok := commands[name]
	if !ok {
		fmt.Fprintf(os.Stderr, "local: there is no command %q; there are run, demo and simulator\n", name)
		os.Exit(2)
	}
	switch err := command(ctx, os.Stdout, args); {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		os.Exit(2)
	case err != nil && ctx.Err() == nil:
		fmt.Fprintln(os.Stderr, "local:", explain(err))
		os.Exit(1)
	}
}

// errUsage says that a command was called wrongly, which the flag package has told.
var errUsage = errors.New("called wrongly")

// parse reads a command's flags.
func parse(flags *flag.FlagSet, args []string) error {
	if err := flags.Parse(args); err != nil && !errors.Is(err, flag.ErrHelp) {
		return errUsage
	} else if err != nil {
		return err
	}
	if flags.NArg() > 0 {
		fmt.Fprintf(flags.Output(), "%s takes no argument %q\n", flags.Name(), flags.Arg(0))
		return errUsage
	}
	return nil
}

// flagOf says which flag moves a part of the stack to another address.
var flagOf = map[string]string{"gateway": "-gateway", "AWS": "-aws", "HelpCrunch": "-helpcrunch", "page": "-page"}

// explain adds to an error what to do about it, where that can be said.
func explain(err error) string {
	var address *stack.AddressError
	if errors.As(err, &address) {
		return fmt.Sprintf("%v. Choose another address with %s 127.0.0.1:PORT (make run ARGS=\"%s 127.0.0.1:PORT\")",
			address, flagOf[address.Part], flagOf[address.Part])
	}
	return err.Error()
}
