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
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	commands := map[string]func(context.Context, io.Writer, []string) error{
		"": run, "run": run, "help": help, "demo": demonstrate, "simulator": simulate,
	}
	name, args := "", os.Args[1:]
	if len(args) > 0 && args[0] != "" && args[0][0] != '-' {
		name, args = args[0], args[1:]
	}
	command, ok := commands[name]
	if !ok {
		fmt.Fprintf(os.Stderr, "local: there is no command %q; there are run, help, demo and simulator\n", name)
		os.Exit(2)
	}
	switch err := command(ctx, os.Stdout, args); {
	case errors.Is(err, flag.ErrHelp):
	case errors.Is(err, errUsage):
		os.Exit(2)
	case err != nil && ctx.Err() == nil:
		fmt.Fprintln(os.Stderr, "local:", err)
		os.Exit(1)
	}
}
