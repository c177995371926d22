// Package demo drives the local stack through a fixed script without a person, and says what happened. What it says is
// checked: a line that is not true makes it fail.
package demo

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"helpcrunch-mark-read/local/account"
	"helpcrunch-mark-read/local/simulator"
	"helpcrunch-mark-read/local/stack"
)

// The demo's HelpCrunch allows ten times the documented limit, so that ten minutes fit into one.
const (
	accountLimit = 1200
	share        = 1000
	patience     = 25 * time.Second // for each thing that is waited for
)

// The burst: so many chats, each with so many updates for each of its two readers. Two chats more take part in the race.
const (
	firstChat = 5208
	chats     = 10
	updates   = 5
	raced     = firstChat + chats // its customer writes while its mark waits
	notRaced  = raced + 1
)

// demo is one run. Its parts write to the report as they go.
type demo struct {
	*stack.Stack
	*account.Account
	out   io.Writer
	wrong int
}

// Run starts a stack, drives it, and writes a report. Its error says how many lines of the report are not true.
func Run(ctx context.Context, out io.Writer) error {
	fmt.Fprintln(out, "Building the functions and starting the stack ...")
	d := &demo{Account: account.New(out, time.Minute), out: out}
	var err error
	d.Stack, err = stack.Start(ctx, stack.Options{
		AccountLimit: accountLimit, RequestsPerMinute: share, Log: d.Log, Observe: d.Observe,
		Environment: map[string]string{"RESTORE_UNREAD": "true"},
	})
	if err != nil {
		return err
	}
	defer func() {
		closing, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = d.Stack.Close(closing) // the report is written by now
	}()
	if err := errors.Join(d.throughHTTP(ctx), d.throughTheQueue(ctx), d.Err()); err != nil {
		return err
	}
	if d.wrong > 0 {
		return fmt.Errorf("%d lines of the report are not as promised", d.wrong)
	}
	fmt.Fprintln(out, "\nEverything is as promised.")
	return nil
}

func (d *demo) title(text string) { fmt.Fprintf(d.out, "\n%s\n", text) }

// check writes what should be and what is.
func (d *demo) check(what string, ok bool, is any) {
	sign := "ok   "
	if !ok {
		sign = "WRONG"
		d.wrong++
	}
	fmt.Fprintf(d.out, "  %s  %-62s %v\n", sign, what, is)
}

// throughHTTP is what an existing HelpCrunch client meets.
func (d *demo) throughHTTP(ctx context.Context) error {
	d.title("HTTP API: the requests and answers are HelpCrunch's own")
	const read, unread, token = `{"id": 5208, "read": true}`, `{"id": 5209, "read": false}`, stack.Token
	d.put(ctx, "mark a chat as read by its agent", simulator.Agent, read, token, 200)
	d.put(ctx, "and by its customer", simulator.Customer, read, token, 200)
	chat, _ := d.Simulator.Chat(5208)
	d.check("HelpCrunch shows both", chat.ReadByAgent && chat.ReadByCustomer, "read, read")
	d.put(ctx, "a caller with a wrong token", simulator.Agent, read, "somebody else's", 401)
	d.put(ctx, "an invalid request: id is a string, read is missing", simulator.Agent, `{"id": "5208"}`, token, 400)
	d.put(ctx, "a chat that does not exist", simulator.Agent, `{"id": 1, "read": true}`, token, 404)
	err := d.Simulator.SetFaults(simulator.Fault{Kind: simulator.Unavailable, Times: 1})
	d.put(ctx, "HelpCrunch fails once: the function tries once more", simulator.Agent, unread, token, 200)
	err = errors.Join(err, d.Simulator.SetFaults(simulator.Fault{Kind: simulator.Unavailable}))
	d.put(ctx, "HelpCrunch is down", simulator.Agent, unread, token, 502)
	err = errors.Join(err, d.Simulator.SetFaults(), d.RotateKey("local-helpcrunch-key-2"))
	d.put(ctx, "the API key was rotated a moment ago", simulator.Agent, unread, token, 200)
	return err
}

// put sends one request and checks the answer's status.
func (d *demo) put(ctx context.Context, what, reader, body, token string, status int) {
	started := time.Now()
	answer, err := d.Put(ctx, reader, body, token, false)
	if err != nil {
		d.check(what, false, err)
		return
	}
	d.check(what, answer.Status == status, fmt.Sprintf("%d  (%d ms)", answer.Status, time.Since(started).Milliseconds()))
}
