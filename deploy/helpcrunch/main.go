// Command helpcrunch serves the HelpCrunch simulator over TLS for the deploy test: the template takes no base URL but an
// https one, and the functions are to run with the environment they are deployed with.
package main

import (
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"time"

	"helpcrunch-mark-read/local/simulator"
)

func main() {
	key := flag.String("key", "", "the API key that is accepted; it opens nothing but this simulator")
	certificate := flag.String("certificate", "", "file with the certificate to serve")
	privateKey := flag.String("private-key", "", "file with its private key")
	flag.Parse()

	handler, err := simulator.New(simulator.Options{Keys: []string{*key}, RequestsPerMinute: 6000})
	if err != nil {
		log.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Printf("https://%s\n", listener.Addr()) // read by the test
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	log.Fatal(server.ServeTLS(listener, *certificate, *privateKey))
}
