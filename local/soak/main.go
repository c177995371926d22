// Command soak drives the local stack for minutes or hours while everything on the way fails at random: HelpCrunch, Secrets
// Manager, SQS and, in the first half, the functions' own processes. Every message that the queue function lets be deleted is
// held against what it told, what HelpCrunch saw and what the dead-letter queue holds; a broken promise is told at once. Then
// soak mends everything, waits until the queue is empty, and says what became of every message, what the functions grew to, and
// whether anything is left over. It fails if a promise was broken.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	var o options
	flag.Float64Var(&o.minutes, "minutes", 3, "how long everything fails at random")
	flag.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano()), "of what fails when; the interleaving is chance all the same")
	flag.BoolVar(&o.race, "race", false, "build the functions with the race detector (needs a C compiler)")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "soak:", err)
		os.Exit(1)
	}
}
