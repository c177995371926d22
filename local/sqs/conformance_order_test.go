package sqs_test

import (
	"time"

	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
)

const ignoresAttempts = "ignores the id"

func attempt(id string) receiveOption {
	return func(in *awssqs.ReceiveMessageInput) { in.ReceiveRequestAttemptId = &id }
}

func fifoOrderCases() []conformanceCase {
	return []conformanceCase{
		{name: "one receive returns several messages of a group, in order", run: func(p *probe) {
			url := p.fifo()
			p.sendGroup(url, "g", "1", "2", "3")
			p.receives(url, "1", "2", "3")
		}},
		{name: "a receive takes group after group", moto: "takes them as they came", run: func(p *probe) {
			url := p.fifo()
			p.sendGroup(url, "g", "g1")
			p.sendGroup(url, "h", "h1")
			p.sendGroup(url, "g", "g2", "g3")
			p.receives(url, "g1", "g2", "g3", "h1")
		}},
		{name: "a group with a message in flight returns nothing after it", run: func(p *probe) {
			url := p.fifo()
			p.sendGroup(url, "g", "1", "2")
			p.receiveOne(url)
			p.receives(url)
			p.sendGroup(url, "g", "3")
			p.receives(url)
		}},
		{name: "other groups go on", run: func(p *probe) {
			url := p.fifo()
			p.sendGroup(url, "g", "g1", "g2")
			p.sendGroup(url, "h", "h1")
			p.receiveOne(url)
			p.receives(url, "h1")
		}},
		{name: "a group goes on when all in flight is deleted", run: func(p *probe) {
			url := p.fifo()
			p.sendGroup(url, "g", "1", "2", "3")
			got := p.receive(url, upTo(2))
			p.delete(url, got[0])
			p.receives(url)
			p.delete(url, got[1])
			p.receives(url, "3")
		}},
		{name: "after its timeout a batch comes again in order", moto: "returns the last one only", run: func(p *probe) {
			url := p.fifo("VisibilityTimeout", "1")
			p.sendGroup(url, "g", "1", "2", "3")
			p.receives(url, "1", "2", "3")
			p.pass(moment)
			p.receives(url, "1", "2", "3")
		}},
		{name: "a first message given back comes again, without those in flight behind it", moto: "blocks the group", run: func(p *probe) {
			url := p.fifo()
			p.sendGroup(url, "g", "g1", "g2")
			p.sendGroup(url, "h", "h1")
			got := p.receive(url, upTo(2))
			p.hold(url, got[0], 0)
			p.receives(url, "h1", "g1")
		}},
		{name: "nothing overtakes a message that is held", run: func(p *probe) {
			url := p.fifo("VisibilityTimeout", "1")
			p.sendGroup(url, "g", "1", "2", "3")
			p.hold(url, p.receives(url, "1", "2", "3")[0], 600)
			p.pass(moment)
			p.receives(url)
		}},
		{name: "what stands before a message that is held comes again", moto: "blocks the group", run: func(p *probe) {
			url := p.fifo("VisibilityTimeout", "1")
			p.sendGroup(url, "g", "1", "2", "3")
			p.hold(url, p.receives(url, "1", "2", "3")[2], 600)
			p.pass(moment)
			p.receives(url, "1", "2")
		}},
		{name: "a released group waits behind the others", moto: "keeps its place", run: func(p *probe) {
			url := p.fifo("VisibilityTimeout", "0")
			p.sendGroup(url, "g", "g1")
			p.sendGroup(url, "h", "h1")
			p.equal("first", *p.receiveOne(url).Body, "g1")
			p.equal("second", *p.receiveOne(url).Body, "h1")
			p.equal("third", *p.receiveOne(url).Body, "g1")
		}},
		{name: "an emptied group can be used again", run: func(p *probe) {
			url := p.fifo()
			p.sendGroup(url, "g", "1")
			p.delete(url, p.receiveOne(url))
			p.receives(url)
			p.sendGroup(url, "g", "2")
			p.receives(url, "2")
		}},
		{name: "a receive repeated with its attempt id returns the same messages", moto: ignoresAttempts, run: func(p *probe) {
			url := p.fifo("VisibilityTimeout", "60")
			p.sendGroup(url, "g", "1", "2")
			p.sendGroup(url, "h", "3")
			first := p.receive(url, upTo(2), attempt("a"))
			again := p.receive(url, upTo(2), attempt("a"))
			p.equal("received again", len(again), 2)
			p.equal("messages", []string{*again[0].MessageId, *again[1].MessageId}, []string{*first[0].MessageId, *first[1].MessageId})
			p.equal("another attempt", *p.receiveOne(url, attempt("b")).Body, "3")
			p.delete(url, again[0])
			p.equal("after a delete", len(p.receive(url, attempt("a"))), 0)
		}},
		{name: "a repeated receive begins the visibility timeout anew", moto: ignoresAttempts, slow: true, run: func(p *probe) {
			url := p.fifo("VisibilityTimeout", "60")
			p.sendGroup(url, "g", "1")
			p.receiveOne(url, attempt("a"))
			p.pass(50 * time.Second)
			got := p.receiveOne(url, attempt("a"), system("All"))
			p.equal("receive count", got.Attributes["ApproximateReceiveCount"], "1")
			p.pass(50 * time.Second)
			p.receives(url)
			p.pass(10 * time.Second)
			p.receives(url, "1")
			p.equal("the attempt is over", len(p.receive(url, attempt("a"))), 0)
		}},
	}
}
