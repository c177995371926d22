package sqs_test

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func redriveCases() []conformanceCase {
	return []conformanceCase{
		{name: "a message received too often goes to the dead-letter queue at the next receive", run: func(p *probe) {
			dead := p.queue()
			url := p.queue("VisibilityTimeout", "0", "RedrivePolicy", p.redrive(dead, 2))
			sent := p.send(url, "x", with("a", "String", "v"))
			p.receiveOne(url)
			p.receiveOne(url)
			p.counts(dead, 0, 0, 0)
			p.equal("given a third time", len(p.receive(url)), 0)
			p.counts(url, 0, 0, 0)
			got := p.receiveOne(dead, asking("All"))
			p.equal("id", *got.MessageId, *sent.MessageId)
			p.equal("attribute", *got.MessageAttributes["a"].StringValue, "v")
		}},
		{name: "a dead letter keeps its times and goes on counting", run: func(p *probe) {
			dead := p.queue()
			url := p.queue("VisibilityTimeout", "0", "RedrivePolicy", p.redrive(dead, 1))
			p.send(url, "x")
			before := p.receiveOne(url, system("All")).Attributes
			p.receive(url)
			after := p.receiveOne(dead, system("All")).Attributes
			for _, name := range []string{"SentTimestamp", "ApproximateFirstReceiveTimestamp"} {
				p.equal(name, after[name], before[name])
			}
			p.equal("receive count", after["ApproximateReceiveCount"], "2")
		}},
		{name: "a dead letter names the queue it came from", moto: "does not", run: func(p *probe) {
			dead := p.queue()
			url := p.queue("VisibilityTimeout", "0", "RedrivePolicy", p.redrive(dead, 1))
			p.send(url, "x")
			p.receiveOne(url)
			p.receive(url)
			got := p.receiveOne(dead, system("All")).Attributes
			p.equal("source", got["DeadLetterQueueSourceArn"], p.get(url, types.QueueAttributeNameQueueArn))
		}},
		{name: "a FIFO dead letter keeps its group, and the group goes on", run: func(p *probe) {
			dead := p.fifo()
			url := p.fifo("VisibilityTimeout", "0", "RedrivePolicy", p.redrive(dead, 1))
			p.sendGroup(url, "g", "1", "2")
			p.receiveOne(url)
			p.receives(url, "2")
			got := p.receives(dead, "1")
			p.equal("group", got[0].Attributes["MessageGroupId"], "g")
		}},
		{name: "each queue of a chain counts for itself", moto: "counts them together", run: func(p *probe) {
			last := p.queue()
			middle := p.queue("VisibilityTimeout", "0", "RedrivePolicy", p.redrive(last, 1))
			first := p.queue("VisibilityTimeout", "0", "RedrivePolicy", p.redrive(middle, 1))
			p.send(first, "x")
			p.receiveOne(first)
			p.equal("first again", len(p.receive(first)), 0)
			p.receiveOne(middle)
			p.equal("middle again", len(p.receive(middle)), 0)
			p.receiveOne(last)
		}},
		{name: "a redrive policy needs a queue and a count", run: func(p *probe) {
			url := p.queue()
			arn := p.get(url, types.QueueAttributeNameQueueArn)
			for _, policy := range []string{
				fmt.Sprintf(`{"deadLetterTargetArn":%q}`, arn),
				`{"maxReceiveCount":3}`,
			} {
				p.refused(p.set(p.queue(), "RedrivePolicy", policy), "InvalidParameterValue")
			}
		}},
		{name: "a redrive policy is JSON", moto: "answers 500", run: func(p *probe) {
			p.refused(p.set(p.queue(), "RedrivePolicy", "not JSON"), "InvalidParameterValue")
		}},
		{name: "a redrive policy's count is 1 to 1000", moto: "takes any number", run: func(p *probe) {
			dead := p.queue()
			p.ok(p.set(p.queue(), "RedrivePolicy", p.redrive(dead, 1000)))
			for _, n := range []int{0, 1001} {
				p.refused(p.set(p.queue(), "RedrivePolicy", p.redrive(dead, n)), "InvalidParameterValue")
			}
		}},
		{name: "a redrive policy's queue exists", moto: "says NonExistentQueue", run: func(p *probe) {
			policy := `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:nobody","maxReceiveCount":1}`
			p.refused(p.set(p.queue(), "RedrivePolicy", policy), "InvalidParameterValue")
		}},
		{name: "a FIFO queue's dead-letter queue is FIFO", moto: "says InvalidParameterCombination", run: func(p *probe) {
			p.refused(p.set(p.fifo(), "RedrivePolicy", p.redrive(p.queue(), 1)), "InvalidParameterValue")
		}},
		{name: "a redrive policy can be taken away", run: func(p *probe) {
			url := p.queue("VisibilityTimeout", "0", "RedrivePolicy", p.redrive(p.queue(), 1))
			p.ok(p.set(url, "RedrivePolicy", ""))
			p.equal("policy", p.get(url, types.QueueAttributeNameRedrivePolicy), "")
			p.send(url, "x")
			p.receiveOne(url)
			p.receiveOne(url)
		}},
	}
}

// redrive is a policy that sends to a queue what was received more than n times.
func (p *probe) redrive(to *string, n int) string {
	return fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":%d}`, p.get(to, types.QueueAttributeNameQueueArn), n)
}
