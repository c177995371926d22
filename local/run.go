package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"helpcrunch-mark-read/local/demo"
	"helpcrunch-mark-read/local/lambda"
	"helpcrunch-mark-read/local/page"
	"helpcrunch-mark-read/local/stack"
)

// run starts the stack and keeps it until it is interrupted.
func run(ctx context.Context, out io.Writer, args []string) error {
	feed := page.NewFeed()
	o := stack.Options{
		RealKey: os.Getenv("HELPCRUNCH_API_KEY"), RealBaseURL: os.Getenv("HELPCRUNCH_BASE_URL"),
		Log: func(line lambda.Line) {
			feed.Log(line)
			if !strings.Contains(line.Text, `"_aws"`) { // metrics are for CloudWatch
				fmt.Fprintf(out, "%s | %s\n", line.Function, line.Text)
			}
		},
	}
	flags := flag.NewFlagSet("local run", flag.ContinueOnError)
	flags.StringVar(&o.Gateway, "gateway", "127.0.0.1:8080", "where the HTTP API listens")
	flags.StringVar(&o.AWS, "aws", "127.0.0.1:4566", "where SQS and Secrets Manager listen")
	flags.StringVar(&o.HelpCrunch, "helpcrunch", "127.0.0.1:8090", "where the HelpCrunch simulator listens")
	pageAddress := flags.String("page", "127.0.0.1:8088", "where the live page listens")
	flags.IntVar(&o.AccountLimit, "limit", 120, "HelpCrunch's limit, requests a minute")
	flags.IntVar(&o.RequestsPerMinute, "share", 100, "the queue's share of the limit, requests a minute")
	flags.BoolVar(&o.Standard, "standard", false, "standard queues instead of FIFO")
	if err := parse(flags, args); err != nil {
		return err
	}
	if o.RealKey != "" && o.RealBaseURL == "" {
		o.RealBaseURL = "https://api.helpcrunch.com/v1"
	}
	if o.RealKey == "" && o.RealBaseURL != "" {
		return errors.New("HELPCRUNCH_BASE_URL is used only together with HELPCRUNCH_API_KEY: set the key too, or unset the base URL")
	}
	fmt.Fprintln(out, "Building the functions ...")
	s, err := stack.Start(ctx, o)
	if err != nil {
		return err
	}
	defer func() {
		fmt.Fprintln(out, "\nStopping ...")
		closing, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		_ = s.Close(closing) // what was cut short by Ctrl-C is no failure
	}()
	url := "(not for the real HelpCrunch: its buttons would write to your account)"
	if o.RealKey == "" {
		if url, err = servePage(s, feed, *pageAddress); err != nil {
			return err
		}
	}
	fmt.Fprint(out, welcome(s, url, o.RealBaseURL))
	<-ctx.Done()
	return nil
}

// servePage opens the live page, which goes with the stack.
func servePage(s *stack.Stack, feed *page.Feed, address string) (url string, err error) {
	p, err := page.New(page.Options{
		Simulator: s.Simulator, Secrets: s.Secrets, Queues: s.SQS, Client: s.Client, Mapping: s.Mapping, Feed: feed, OpsFlags: "--local", Help: func() string { return "See the terminal." },
		GatewayURL: s.GatewayURL, Token: stack.Token, KeySecret: stack.KeySecret, QueueName: s.QueueName, DeadName: s.DeadName,
	})
	if err != nil {
		return "", err
	}
	return s.Serve("page", address, p)
}

// welcome says what runs where, and what to paste.
func welcome(s *stack.Stack, page, real string) string {
	helpCrunch := s.HelpCrunchURL + "  (a simulator with chats 5208 to 5219)"
	if real != "" {
		helpCrunch = real + "  (the real one: marks are made in your account)"
	}
	put := func(endpoint, body string) string {
		return fmt.Sprintf("  curl -X PUT %s/v1/chats/%s -H 'Authorization: Bearer %s' -H 'Content-Type: application/json' -d '%s'\n",
			s.GatewayURL, endpoint, stack.Token, body)
	}
	aws := fmt.Sprintf("export AWS_ENDPOINT_URL=%s AWS_REGION=eu-central-1 AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local", s.AWSURL)
	return "\n" +
		"Live page   " + page + "\n" +
		"HTTP API    " + s.GatewayURL + "\n" +
		"HelpCrunch  " + helpCrunch + "\n" +
		"SQS         " + s.QueueURL + "\n" +
		"            " + s.DeadURL + "  (dead letters)\n" +
		"\nMark a chat as read, by its agent and by its customer; and an error:\n" +
		put("readByAgent", `{"id": 5208, "read": true}`) +
		put("readByCustomer", `{"id": 5208, "read": true}`) +
		put("readByAgent", `{"id": "5208"}`) +
		"\nBreak HelpCrunch on purpose, look at it, and mend it:\n" +
		"  curl -X POST " + s.HelpCrunchURL + `/_sim/faults -d '{"kind": "unavailable"}'` + "\n" +
		"  curl " + s.HelpCrunchURL + "/_sim/state\n" +
		"  curl -X DELETE " + s.HelpCrunchURL + "/_sim/faults\n" +
		"\nSend through the queue (add -H 'Prefer: respond-async' to a curl above). In another terminal, the operator's command:\n" +
		"  " + aws + "\n" +
		"  Q='--queue-url " + s.QueueURL + " --dead-letter-queue-url " + s.DeadURL + "'\n" +
		"  printf 'id,reader,read\\n5209,agent,true\\n77,agent,true\\n' | go run ./ops send - $Q\n" +
		"  go run ./ops dead list $Q\n" +
		"  go run ./ops dead redrive $Q --outcome chat_not_found --dry-run\n" +
		"  go run ./ops doctor $Q --secret-id " + stack.KeySecret + " --base-url " + s.HelpCrunchURL + "/v1\n" +
		"\nCtrl-C ends it.\n\n"
}

func demonstrate(ctx context.Context, out io.Writer, _ []string) error { return demo.Run(ctx, out) }
