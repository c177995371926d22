package main

import (
	"cmp"
	"context"
	_ "embed"
	"flag"
	"fmt"
	"io"
	"net/http"
	"strings"
	"text/template"

	"helpcrunch-mark-read/local/stack"
)

// The default addresses, by which ops --local finds the stack.
const (
	defaultGateway    = "127.0.0.1:8080"
	defaultAWS        = "127.0.0.1:4566"
	defaultHelpCrunch = "127.0.0.1:8090"
	defaultPage       = "127.0.0.1:8088"
)

// urls say what runs where.
type urls struct {
	*stack.Stack
	Page string // empty without a live page
	Real string // of the real HelpCrunch; empty with the simulator
}

// help prints what run has printed once more.
func help(ctx context.Context, out io.Writer, args []string) error {
	flags := flag.NewFlagSet("local help", flag.ContinueOnError)
	address := flags.String("page", defaultPage, "where the live page listens")
	if err := parse(flags, args); err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+*address+"/help", nil)
	if err != nil {
		return err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return fmt.Errorf("no live page answers (make run starts the local stack with one): %w", err)
	}
	defer answer.Body.Close()
	_, err = io.Copy(out, answer.Body)
	return err
}

// OpsFlags are the flags by which ops finds the stack.
func (u *urls) OpsFlags() string {
	flags := "--local"
	if u.AWSURL != "http://"+defaultAWS {
		flags += " --endpoint-url " + u.AWSURL
	}
	if base := cmp.Or(u.Real, u.HelpCrunchURL+"/v1"); base != "http://"+defaultHelpCrunch+"/v1" {
		flags += " --base-url " + base
	}
	return flags
}

// MarkFlags are those of ops mark, which calls the HTTP API.
func (u *urls) MarkFlags() string {
	if u.GatewayURL == "http://"+defaultGateway {
		return u.OpsFlags()
	}
	return u.OpsFlags() + " --api-url " + u.GatewayURL + "/v1"
}

//go:embed help.txt
var helpText string

// help says what runs where, and what to paste into any shell.
func (u *urls) help() string {
	var text strings.Builder
	shown := struct {
		*urls
		Token string
	}{u, stack.Token}
	if err := template.Must(template.New("help").Parse(helpText)).Execute(&text, shown); err != nil {
		panic(err) // a name in the text that is none
	}
	return text.String()
}
