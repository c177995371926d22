package demo

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"helpcrunch-mark-read/local/simulator"
)

// throughTheQueue sends a burst, breaks everything on the way, and takes stock.
func (d *demo) throughTheQueue(ctx context.Context) error {
	d.title("SQS queue: a backlog, an outage, a rate limit and a rotated key")
	before := d.Simulator.Counts()
	started := time.Now()
	if err := d.Simulator.SetFaults(simulator.Fault{Kind: simulator.Unavailable}); err != nil {
		return err
	}
	bodies := d.bodies()
	for i, body := range bodies {
		if err := d.Send(ctx, d.Stack, body, fmt.Sprintf("demo-%d", i)); err != nil {
			return err
		}
	}
	for d.Simulator.Counts().ByStatus[503] < before.ByStatus[503]+5 { // until it has hurt
		select {
		case <-time.After(50 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	// While the marks wait, a customer writes.
	err := errors.Join(
		d.Simulator.AddMessage(raced, simulator.Message{From: simulator.Customer}),
		d.Simulator.SetFaults(simulator.Fault{Kind: simulator.TooManyRequests, RetryAfter: "2", Times: 2}),
		d.RotateKey("local-helpcrunch-key-3"), d.Drain(ctx, d.Stack, patience))
	if err != nil {
		return err
	}
	return d.account(len(bodies), before.Requests, time.Since(started))
}

// bodies are the updates of each chat in their order, two messages that cannot be done, and a mark with a bound for each of
// two chats: the time of the newest message that its agent has seen.
func (d *demo) bodies() (list []string) {
	for update := range updates {
		for chat := firstChat; chat < firstChat+chats; chat++ {
			read := chat%2 == update%2
			list = append(list, fmt.Sprintf(`{"id": %d, "reader": "agent", "read": %t}`, chat, read), fmt.Sprintf(`{"id": %d, "reader": "customer", "read": %t}`, chat, !read))
		}
	}
	list = append(list, `{"id": 1, "reader": "agent", "read": true}`, `{"id": "two", "reader": "agent"}`)
	for _, id := range []int64{raced, notRaced} {
		chat, _ := d.Simulator.Chat(id)
		seen := max(chat.LastMessageAt, chat.LastCustomerMessageAt)
		list = append(list, fmt.Sprintf(`{"id": %d, "reader": "agent", "read": true, "asOf": %d}`, id, seen))
	}
	return list
}

// account says what became of every message.
func (d *demo) account(sent, callsBefore int, took time.Duration) error {
	sums, err := d.Account.Close(d.Stack)
	if err != nil {
		return err
	}
	dead, err := d.SQS.Messages(d.DeadName)
	if err != nil {
		return err
	}
	d.check("messages sent", sums.Sent == sent, sums.Sent)
	d.check("= applied + merged into a newer one + dead-lettered", sums.Applied+sums.Merged+sums.Dead == sent && sums.Dead == 2 && len(dead) == 2,
		fmt.Sprintf("%d + %d + %d", sums.Applied, sums.Merged, sums.Dead))
	for _, m := range dead {
		d.check("the reason on a dead letter: "+m.Attributes["Outcome"].StringValue, m.Attributes["ErrorMessage"].StringValue != "",
			strings.Join(strings.Fields(m.Attributes["ErrorMessage"].StringValue), " "))
	}
	wrong := 0
	for id := int64(firstChat); id < firstChat+chats; id++ {
		if chat, ok := d.Simulator.Chat(id); !ok || chat.ReadByAgent != (id%2 == 0) || chat.ReadByCustomer != (id%2 != 0) {
			wrong++
		}
	}
	d.check("every chat is as its latest update says", wrong == 0, fmt.Sprintf("%d of %d", chats-wrong, chats))
	overtaken, _ := d.Simulator.Chat(raced)
	d.check("a late mark with asOf, and its customer wrote: stays unread", !overtaken.ReadByAgent, fmt.Sprintf("chat %d unread", raced))
	usual, _ := d.Simulator.Chat(notRaced)
	d.check("a late mark with asOf, and nobody wrote: is read", usual.ReadByAgent, fmt.Sprintf("chat %d read", notRaced))
	counts := d.Simulator.Counts()
	calls := sums.Calls - callsBefore
	d.check("never more than the limit in a minute", counts.MostIn60s <= accountLimit, fmt.Sprintf("%d of %d", counts.MostIn60s, accountLimit))
	d.check("held in the outage or by the rate limit, and tried again", sums.Held > 0, fmt.Sprintf("%d times", sums.Held))
	d.check("calls to HelpCrunch, retries and restored badge included", calls < sent, fmt.Sprintf("%d in %.1f s", calls, took.Seconds()))
	return nil
}
