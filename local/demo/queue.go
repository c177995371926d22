package demo

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"helpcrunch-mark-read/local/simulator"
)

// The burst: so many chats, each with so many wishes for each of its two readers, and an end that is known.
const (
	firstChat = 5208
	chats     = 12
	wishes    = 5
	drainTime = 25 * time.Second
)

// throughTheQueue sends a burst, breaks everything on the way, and takes stock.
func (d *demo) throughTheQueue(ctx context.Context) error {
	d.title(fmt.Sprintf("Through the queue, in a HelpCrunch ten times as fast (%d requests a minute, %d of them the queue's)", accountLimit, share))
	before := d.Simulator.Counts()
	started := time.Now()
	d.fault(simulator.Fault{Kind: simulator.Unavailable}) // the burst arrives in an outage
	sent, err := d.burst(ctx)
	if err != nil {
		return err
	}
	for d.Simulator.Counts().ByStatus[503] < before.ByStatus[503]+5 { // until it has hurt
		if err := pause(ctx); err != nil {
			return err
		}
	}
	d.mend()
	d.fault(simulator.Fault{Kind: simulator.TooManyRequests, RetryAfter: "2", Times: 2})
	d.rotate("local-helpcrunch-key-3")
	if err := d.drained(ctx); err != nil {
		return err
	}
	d.account(sent, before, time.Since(started))
	return nil
}

// burst sends the wishes of each chat one after the other, and two messages that cannot be done.
func (d *demo) burst(ctx context.Context) (sent int, err error) {
	var entries []types.SendMessageBatchRequestEntry
	add := func(group int, body string) {
		id := strconv.Itoa(len(entries))
		entries = append(entries, types.SendMessageBatchRequestEntry{
			Id: aws.String(id), MessageBody: aws.String(body), MessageGroupId: aws.String(strconv.Itoa(group)), MessageDeduplicationId: aws.String("demo-" + id),
		})
	}
	for wish := range wishes {
		for chat := firstChat; chat < firstChat+chats; chat++ {
			add(chat, fmt.Sprintf(`{"id": %d, "reader": "agent", "read": %t}`, chat, lastWish(chat) == (wish%2 == (wishes-1)%2)))
			add(chat, fmt.Sprintf(`{"id": %d, "reader": "customer", "read": %t}`, chat, !lastWish(chat) == (wish%2 == (wishes-1)%2)))
		}
	}
	add(1, `{"id": 1, "reader": "agent", "read": true}`)
	add(2, `{"id": "two", "reader": "agent"}`)
	for chunk := range slices.Chunk(entries, 10) {
		output, err := d.Client.SendMessageBatch(ctx, &awssqs.SendMessageBatchInput{QueueUrl: &d.QueueURL, Entries: chunk})
		if err != nil || len(output.Failed) > 0 {
			return 0, fmt.Errorf("the burst could not be sent: %v %v", output, err)
		}
	}
	return len(entries), nil
}

// lastWish is what the agent's last wish for a chat is; the customer's is the opposite.
func lastWish(chat int) bool { return chat%2 == 0 }

// drained waits until the queue is empty.
func (d *demo) drained(ctx context.Context) error {
	for deadline := time.Now().Add(drainTime); time.Now().Before(deadline); {
		left, err := d.SQS.Messages(d.QueueName)
		if err != nil {
			return err
		}
		if len(left) == 0 {
			return nil
		}
		if err := pause(ctx); err != nil {
			return err
		}
	}
	return nil
}

func pause(ctx context.Context) error {
	select {
	case <-time.After(50 * time.Millisecond):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// account says what became of every message.
func (d *demo) account(sent int, before simulator.Counts, took time.Duration) {
	applied, merged, held := d.lines.tally()
	letters, _ := d.SQS.Messages(d.DeadName)
	left, _ := d.SQS.Messages(d.QueueName)
	after := d.Simulator.Counts()
	calls, throttled := after.Requests-before.Requests, after.ByStatus[429]-before.ByStatus[429]

	d.say("sent", sent)
	d.say("applied", applied)
	d.say("merged into a newer wish", merged)
	d.check("dead-lettered", len(letters) == 2, len(letters))
	d.check("that is all of them, and none is left", applied+merged+len(letters) == sent && len(left) == 0, fmt.Sprintf("%d + %d + %d, %d left", applied, merged, len(letters), len(left)))
	reasons := map[string]string{}
	for _, letter := range letters {
		reasons[letter.Attributes["Outcome"].StringValue] = letter.Attributes["ErrorMessage"].StringValue
	}
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		d.say("a letter says: "+reason, strings.Join(strings.Fields(reasons[reason]), " "))
	}
	d.check("every chat has the state last wished for", d.wrongChats() == 0, fmt.Sprintf("%d of %d", chats-d.wrongChats(), chats))
	d.say("held and tried again, in the outage and the throttle", held)
	d.say("calls that HelpCrunch saw, and of these wasted on a 429", fmt.Sprintf("%d, %d", calls, throttled))
	d.check("never more than the limit in a minute", after.MostIn60s <= accountLimit, after.MostIn60s)
	best := time.Duration(calls) * time.Minute / share
	d.say("time taken, outage and throttle included; the best possible", fmt.Sprintf("%.1f s; %.1f s", took.Seconds(), best.Seconds()))
}

func (d *demo) wrongChats() (wrong int) {
	for chat := firstChat; chat < firstChat+chats; chat++ {
		state, ok := d.Simulator.Chat(int64(chat))
		if !ok || state.ReadByAgent != lastWish(chat) || state.ReadByCustomer == lastWish(chat) {
			wrong++
		}
	}
	return wrong
}
