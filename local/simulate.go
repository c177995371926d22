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

	"helpcrunch-mark-read/local/demo"
	"helpcrunch-mark-read/local/simulator"
)

// simulate serves the HelpCrunch simulator alone, for functions that run somewhere else. Its first line is the URL.
func simulate(ctx context.Context, out io.Writer, args []string) error {
	flags := flag.NewFlagSet("local simulator", flag.ContinueOnError)
	address := flags.String("address", defaultHelpCrunch, "where to listen; port 0 takes a free one")
	key := flags.String("key", "local-helpcrunch-key-1", "the API key that is accepted; it opens nothing but this simulator")
	limit := flags.Int("limit", simulator.DefaultRequestsPerMinute, "requests a minute; -1 for no limit")
	certificate := flags.String("tls-cert", "", "file with a certificate, to serve HTTPS; with -tls-key")
	private := flags.String("tls-key", "", "file with the certificate's private key")
	if err := parse(flags, args); err != nil {
		return err
	}
	if (*certificate == "") != (*private == "") {
		return errors.New("-tls-cert and -tls-key go together")
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
	scheme, serve := "http", func() error { return server.Serve(listener) }
	if *certificate != "" {
		scheme, serve = "https", func() error { return server.ServeTLS(listener, *certificate, *private) }
	}
	fmt.Fprintf(out, "%[1]s://%[2]s\nThe HelpCrunch simulator: its API is below /v1/; GET %[1]s://%[2]s/_sim/ lists its controls.\n", scheme, listener.Addr())
	if err := serve(); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// demonstrate drives the local stack through a fixed script.
func demonstrate(ctx context.Context, out io.Writer, args []string) error {
	if err := parse(flag.NewFlagSet("local demo", flag.ContinueOnError), args); err != nil {
		return err
	}
	return demo.Run(ctx, out)
}
