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
	page string // empty without a live page
	real string // of the real HelpCrunch; empty with the simulator
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

// opsFlags are the flags by which ops finds the stack.
func (u *urls) opsFlags() string {
	flags := "--local"
	if u.AWSURL != "http://"+defaultAWS {
		flags += " --endpoint-url " + u.AWSURL
	}
	if base := cmp.Or(u.real, u.HelpCrunchURL+"/v1"); base != "http://"+defaultHelpCrunch+"/v1" {
		flags += " --base-url " + base
	}
	return flags
}

// markFlags are those of ops mark, which calls the HTTP API.
func (u *urls) markFlags() string {
	if u.GatewayURL == "http://"+defaultGateway {
		return u.opsFlags()
	}
	return u.opsFlags() + " --api-url " + u.GatewayURL + "/v1"
}

//go:embed help.txt
var text string

// help says what runs where, and what to paste into any shell.
func (u *urls) help() string {
	helpCrunch, livePage, again := u.HelpCrunchURL+"  (a simulator with chats 5208 to 5219)", u.page, "To see this again: go run ./local help, or "+u.page+"/help\n"
	paste := text
	if u.real != "" {
		before, rest, _ := strings.Cut(text, "Break HelpCrunch")
		_, after, _ := strings.Cut(rest, "\n\n")
		paste = strings.NewReplacer("5208", "ID", ": 77", ": ID", "Mark a chat", "With the id of a chat of your own, mark it", " (ops key set asks for a key: my-second-key, say)", "").Replace(before + after)
		helpCrunch, again = u.real+"  (the real one: marks are made in your account)", ""
		livePage = "(not for the real HelpCrunch: its buttons would write to your account)"
	}
	return strings.NewReplacer(
		"{page}", livePage, "{api}", u.GatewayURL, "{helpcrunch}", helpCrunch, "{sim}", u.HelpCrunchURL+"/_sim", "{queue}", u.QueueURL, "{dead}", u.DeadURL,
		"{put}", "curl -X PUT "+u.GatewayURL+"/v1/chats", "{headers}", "-H 'Authorization: Bearer "+stack.Token+"' -H 'Content-Type: application/json'",
		"{ops}", "go run ./ops", "{local}", u.opsFlags(), "{aws}", u.AWSURL, "{mark}", u.markFlags()).Replace(paste) + again
}
