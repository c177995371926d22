// Command ops is for those who operate helpcrunch-mark-read: dead letters, bulk marks, a doctor, and the key.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"helpcrunch-mark-read/shared/helpcrunch"
)

func main() {
	// The first signal ends the command in good order: what is out is put back. A second one ends it at once.
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, stop)
	app := &app{
		in: os.Stdin, out: os.Stdout, err: os.Stderr,
		loadAWS: loadAWS, helpCrunch: helpcrunch.NewTransport(), ask: askTerminal,
	}
	os.Exit(app.run(ctx, os.Args[1:]))
}
