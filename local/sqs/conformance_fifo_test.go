package sqs_test

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func fifoCases() []conformanceCase {
	return []conformanceCase{
		{name: "FIFO needs a group", run: func(p *probe) {
			_, err := p.trySend(p.fifo(), "x", dedup("d"))
			p.refused(err, "MissingParameter")
		}},
		{name: "FIFO needs a deduplication id", run: func(p *probe) {
			_, err := p.trySend(p.fifo(), "x", group("g"))
			p.refused(err, "InvalidParameterValue")
		}},
		{name: "FIFO takes no delay for one message", run: func(p *probe) {
			_, err := p.trySend(p.fifo(), "x", group("g"), dedup("d"), delay(2))
			p.refused(err, "InvalidParameterValue")
		}},
		{name: "group and deduplication ids are ASCII without spaces, 128 at most", moto: "checks neither", run: func(p *probe) {
			url := p.fifo()
			p.send(url, "x", group(strings.Repeat("~", 128)), dedup(strings.Repeat("!", 128)))
			for _, bad := range []string{"a b", "\u00e9", strings.Repeat("a", 129)} {
				_, err := p.trySend(url, "x", group(bad), dedup("d"))
				p.refused(err, "InvalidParameterValue")
				_, err = p.trySend(url, "x", group("g"), dedup(bad))
				p.refused(err, "InvalidParameterValue")
			}
		}},
		{name: "sequence numbers have twenty digits and grow", moto: "draws them at random", run: func(p *probe) {
			url := p.fifo()
			last := ""
			for _, id := range strings.Split("abcdefghij", "") {
				number := *p.send(url, "x", group("g"), dedup(id)).SequenceNumber
				p.equal("digits", len(number), 20)
				p.equal("grows", number > last, true)
				last = number
			}
		}},
		{name: "FIFO does not delete by an expired handle", moto: "deletes", run: func(p *probe) {
			url := p.fifo("VisibilityTimeout", "1")
			p.sendGroup(url, "g", "a")
			m := p.receiveOne(url)
			p.pass(moment)
			p.refused(p.tryDelete(url, m), "InvalidParameterValue")
			p.counts(url, 1, 0, 0)
		}},
		{name: "FIFO does not hold by an expired handle", moto: "holds", run: func(p *probe) {
			url := p.fifo("VisibilityTimeout", "1")
			p.sendGroup(url, "g", "a")
			m := p.receiveOne(url)
			p.pass(moment)
			p.refused(p.tryHold(url, m, 5), "InvalidParameterValue")
		}},
		{name: "FIFO does not delete by an older handle", moto: "deletes", run: func(p *probe) {
			url := p.fifo("VisibilityTimeout", "1")
			p.sendGroup(url, "g", "a")
			older := p.receiveOne(url)
			p.pass(moment)
			newest := p.receiveOne(url)
			p.refused(p.tryDelete(url, older), "InvalidParameterValue")
			p.delete(url, newest)
			p.counts(url, 0, 0, 0)
		}},
		{name: "FIFO deletes while a prolonged timeout lasts", run: func(p *probe) {
			url := p.fifo("VisibilityTimeout", "1")
			p.sendGroup(url, "g", "a")
			m := p.receiveOne(url)
			p.hold(url, m, 5)
			p.pass(moment)
			p.delete(url, m)
			p.counts(url, 0, 0, 0)
		}},
		{name: "only what was received of a group counts as in flight", run: func(p *probe) {
			url := p.fifo()
			p.sendGroup(url, "1", "a", "b")
			p.sendGroup(url, "2", "c", "d")
			p.receiveOne(url)
			p.receiveOne(url)
			p.counts(url, 2, 2, 0)
		}},
	}
}

func deduplicationCases() []conformanceCase {
	return []conformanceCase{
		{name: "a repeated deduplication id is accepted and swallowed", run: func(p *probe) {
			url := p.fifo()
			p.send(url, "first", group("g"), dedup("d"))
			p.send(url, "second", group("g"), dedup("d"))
			p.receives(url, "first")
		}},
		{name: "a swallowed message is answered with the first one's names", moto: "makes up an id of its own", run: func(p *probe) {
			url := p.fifo()
			first := p.send(url, "x", group("g"), dedup("d"))
			second := p.send(url, "x", group("g"), dedup("d"))
			p.equal("id", *second.MessageId, *first.MessageId)
			p.equal("sequence number", *second.SequenceNumber, *first.SequenceNumber)
		}},
		{name: "deduplication outlives the message", moto: "forgets the id with the message", run: func(p *probe) {
			url := p.fifo()
			p.sendGroup(url, "g", "a")
			p.delete(url, p.receiveOne(url))
			p.sendGroup(url, "g", "a")
			p.receives(url)
		}},
		{name: "deduplication lasts five minutes from the first", slow: true, run: func(p *probe) {
			url := p.fifo()
			p.sendGroup(url, "g", "a")
			p.delete(url, p.receiveOne(url))
			p.pass(4*time.Minute + 59*time.Second)
			p.sendGroup(url, "g", "a")
			p.receives(url)
			p.pass(time.Second)
			p.sendGroup(url, "g", "a")
			p.receives(url, "a")
		}},
		{name: "deduplication looks at the whole queue, not the group", run: func(p *probe) {
			url := p.fifo()
			p.send(url, "x", group("g"), dedup("d"))
			p.send(url, "y", group("h"), dedup("d"))
			p.receives(url, "x")
		}},
		{name: "a queue can deduplicate by content", run: func(p *probe) {
			url := p.fifo("ContentBasedDeduplication", "true")
			p.send(url, "x", group("g"))
			p.send(url, "x", group("g"), with("a", "String", "attributes do not count"))
			p.send(url, "y", group("g"))
			got := p.receives(url, "x", "y")
			p.equal("deduplication id", got[0].Attributes[string(types.MessageSystemAttributeNameMessageDeduplicationId)],
				"2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881")
		}},
		{name: "a message's own deduplication id goes before its content", run: func(p *probe) {
			url := p.fifo("ContentBasedDeduplication", "true")
			p.send(url, "x", group("g"), dedup("1"))
			p.send(url, "x", group("g"), dedup("2"))
			p.receives(url, "x", "x")
		}},
	}
}
