package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"time"

	"helpcrunch-mark-read/local/simulator"
)

// simulate serves the HelpCrunch simulator alone, for functions that run somewhere else.
func simulate(ctx context.Context, out io.Writer, args []string) error {
	flags := flag.NewFlagSet("local simulator", flag.ContinueOnError)
	address := flags.String("address", "127.0.0.1:8090", "where to listen")
	key := flags.String("key", "local-helpcrunch-key-1", "the API key that is accepted; it opens nothing but this simulator")
	limit := flags.Int("limit", simulator.DefaultRequestsPerMinute, "requests a minute")
	if err := parse(flags, args); err != nil {
		return err
	}
	s, err := simulator.New(simulator.Options{Keys: []string{*key}, RequestsPerMinute: *limit})
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		return fmt.Errorf("the simulator cannot listen on %s: %w. Choose another address with -address", *address, err)
	}
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	fmt.Fprintf(out, "HelpCrunch simulator on http://%s/v1, controls below /_sim/\n", listener.Addr())
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}
