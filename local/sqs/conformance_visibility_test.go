package sqs_test

import (
	"errors"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// moment is longer than the shortest visibility timeout, a second.
const moment = 1100 * time.Millisecond

func visibilityCases() []conformanceCase {
	return []conformanceCase{
		{name: "a received message is hidden for the queue's timeout, then comes again", run: func(p *probe) {
			url := p.queue("VisibilityTimeout", "1")
			p.send(url, "x")
			first := p.receiveOne(url)
			p.counts(url, 0, 1, 0)
			p.equal("hidden", len(p.receive(url)), 0)
			p.pass(moment)
			p.counts(url, 1, 0, 0)
			second := p.receiveOne(url)
			p.equal("the same message", *second.MessageId, *first.MessageId)
			p.equal("the same handle", *second.ReceiptHandle == *first.ReceiptHandle, false)
		}},
		{name: "a receive can have its own timeout, and the next one forgets it", run: func(p *probe) {
			url := p.queue("VisibilityTimeout", "0")
			p.send(url, "x")
			p.receiveOne(url, hiddenFor(1))
			p.equal("hidden", len(p.receive(url)), 0)
			p.pass(moment)
			p.receiveOne(url)
			p.receiveOne(url)
		}},
		{name: "a changed timeout is forgotten by the next receive", run: func(p *probe) {
			url := p.queue("VisibilityTimeout", "1")
			p.send(url, "x")
			p.hold(url, p.receiveOne(url), 600)
			p.pass(moment)
			p.equal("held", len(p.receive(url)), 0)
			other := p.queue("VisibilityTimeout", "600")
			p.send(other, "x")
			p.hold(other, p.receiveOne(other), 0)
			p.receiveOne(other)
			p.equal("hidden again", len(p.receive(other)), 0)
		}},
		{name: "a timeout of zero returns the message at once", run: func(p *probe) {
			url := p.queue()
			p.send(url, "x")
			p.hold(url, p.receiveOne(url), 0)
			p.counts(url, 1, 0, 0)
			p.receiveOne(url)
		}},
		{name: "a wait ends when a message is given back", slow: true, run: func(p *probe) {
			url := p.queue()
			p.send(url, "x")
			m := p.receiveOne(url)
			go func() {
				time.Sleep(3 * time.Second)
				_ = p.tryHold(url, m, 0)
			}()
			start := time.Now()
			p.receiveOne(url, waiting(20))
			p.equal("waited", time.Since(start), 3*time.Second)
		}},
		{name: "timeouts are 0 to 43,200 seconds", moto: "takes negative ones", run: func(p *probe) {
			url := p.queue()
			p.send(url, "x")
			for _, n := range []int32{-1, 43201} {
				_, err := p.tryReceive(url, hiddenFor(n))
				p.refused(err, "InvalidParameterValue")
			}
			m := p.receiveOne(url)
			for _, n := range []int32{-1, 43201} {
				p.refused(p.tryHold(url, m, n), "InvalidParameterValue")
			}
		}},
		{name: "one receive lasts twelve hours at most, however often it is prolonged", slow: true, run: func(p *probe) {
			url := p.queue()
			p.send(url, "x")
			p.pass(20 * time.Hour)
			m := p.receiveOne(url, hiddenFor(3600))
			p.pass(time.Hour - time.Second)
			p.refused(p.tryHold(url, m, 43200), "InvalidParameterValue")
			p.hold(url, m, 39601)
			p.pass(11*time.Hour + time.Second)
			p.hold(url, p.receiveOne(url), 43200)
		}},
		{name: "a handle that is none is a typed error", run: func(p *probe) {
			url := p.queue()
			var typed *types.ReceiptHandleIsInvalid
			for _, err := range []error{p.tryDelete(url, garbage()), p.tryHold(url, garbage(), 1)} {
				p.refused(err, "ReceiptHandleIsInvalid")
				p.equal("errors.As ReceiptHandleIsInvalid", errors.As(err, &typed), true)
			}
		}},
		{name: "another queue's handle is none", run: func(p *probe) {
			url, other := p.queue(), p.queue()
			p.send(url, "x")
			p.refused(p.tryDelete(other, p.receiveOne(url)), "ReceiptHandleIsInvalid")
		}},
		{name: "a message can be deleted twice", run: func(p *probe) {
			url := p.queue()
			p.send(url, "x")
			m := p.receiveOne(url)
			p.delete(url, m)
			p.delete(url, m)
			p.counts(url, 0, 0, 0)
		}},
		{name: "a deleted message can't be held", moto: "says ReceiptHandleIsInvalid", run: func(p *probe) {
			url := p.queue()
			p.send(url, "x")
			m := p.receiveOne(url)
			p.delete(url, m)
			p.refused(p.tryHold(url, m, 1), "InvalidParameterValue")
		}},
		{name: "a standard queue deletes by an expired handle", run: func(p *probe) {
			url := p.queue("VisibilityTimeout", "1")
			p.send(url, "x")
			m := p.receiveOne(url)
			p.pass(moment)
			p.delete(url, m)
			p.counts(url, 0, 0, 0)
		}},
		{name: "a standard queue holds by an expired handle", run: func(p *probe) {
			url := p.queue("VisibilityTimeout", "1")
			p.send(url, "x")
			m := p.receiveOne(url)
			p.pass(moment)
			p.hold(url, m, 600)
			p.equal("held", len(p.receive(url)), 0)
		}},
		{name: "a standard queue holds by an older handle", run: func(p *probe) {
			url := p.queue("VisibilityTimeout", "0")
			p.send(url, "x")
			older := p.receiveOne(url)
			p.receiveOne(url, hiddenFor(600))
			p.hold(url, older, 0)
			p.receiveOne(url)
		}},
		{name: "an older handle succeeds and deletes nothing", moto: "deletes the message", run: func(p *probe) {
			url := p.queue("VisibilityTimeout", "0")
			p.send(url, "x")
			older := p.receiveOne(url)
			newest := p.receiveOne(url)
			p.delete(url, older)
			p.counts(url, 1, 0, 0)
			p.delete(url, newest)
			p.counts(url, 0, 0, 0)
		}},
	}
}
