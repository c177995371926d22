package sqs_test

import (
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func receiveCases() []conformanceCase {
	return []conformanceCase{
		{name: "an empty queue returns nothing, at once", run: func(p *probe) {
			p.equal("messages", len(p.receive(p.queue())), 0)
		}},
		{name: "one message unless more are asked for, ten at most", run: func(p *probe) {
			url := p.queue()
			for i := range 12 {
				p.send(url, strconv.Itoa(i))
			}
			p.receiveOne(url)
			p.equal("messages", len(p.receive(url, upTo(10))), 10)
			for _, n := range []int32{-1, 11} {
				_, err := p.tryReceive(url, upTo(n))
				p.refused(err, "InvalidParameterValue")
			}
		}},
		{name: "a wait is twenty seconds at most", run: func(p *probe) {
			url := p.queue()
			for _, n := range []int32{-1, 21} {
				_, err := p.tryReceive(url, waiting(n))
				p.refused(err, "InvalidParameterValue")
			}
		}},
		{name: "a wait ends when a message comes", run: func(p *probe) {
			url := p.queue("VisibilityTimeout", "1")
			p.send(url, "x")
			p.receiveOne(url)
			start := time.Now()
			p.receiveOne(url, waiting(10))
			p.between("waited", time.Since(start), time.Second, 3*time.Second)
		}},
		{name: "a wait ends with nothing when it is over", run: func(p *probe) {
			start := time.Now()
			p.equal("messages", len(p.receive(p.queue(), waiting(1))), 0)
			p.between("waited", time.Since(start), time.Second, 3*time.Second)
		}},
		{name: "system attributes come by name", run: func(p *probe) {
			url := p.queue()
			p.send(url, "x")
			got := p.receiveOne(url, system(types.MessageSystemAttributeNameSentTimestamp, types.MessageSystemAttributeNameApproximateReceiveCount))
			p.equal("names", slices.Sorted(maps.Keys(got.Attributes)), []string{"ApproximateReceiveCount", "SentTimestamp"})
			p.equal("receive count", got.Attributes["ApproximateReceiveCount"], "1")
		}},
		{name: "no system attribute comes unless asked for", run: func(p *probe) {
			url := p.queue()
			p.send(url, "x", with("a", "String", "v"))
			got := p.receiveOne(url)
			p.equal("system attributes", len(got.Attributes), 0)
			p.equal("message attributes", len(got.MessageAttributes), 0)
		}},
		{name: "all system attributes of a standard queue", run: func(p *probe) {
			url := p.queue()
			p.send(url, "x")
			got := p.receiveOne(url, system("All"))
			p.equal("names", slices.Sorted(maps.Keys(got.Attributes)),
				[]string{"ApproximateFirstReceiveTimestamp", "ApproximateReceiveCount", "SenderId", "SentTimestamp"})
		}},
		{name: "all system attributes of a FIFO queue", run: func(p *probe) {
			url := p.fifo()
			sent := p.send(url, "x", group("g"), dedup("d"))
			got := p.receiveOne(url, system("All")).Attributes
			p.equal("names", slices.Sorted(maps.Keys(got)), []string{"ApproximateFirstReceiveTimestamp", "ApproximateReceiveCount",
				"MessageDeduplicationId", "MessageGroupId", "SenderId", "SentTimestamp", "SequenceNumber"})
			p.equal("group, id, number", [3]string{got["MessageGroupId"], got["MessageDeduplicationId"], got["SequenceNumber"]},
				[3]string{"g", "d", *sent.SequenceNumber})
		}},
		{name: "message attributes come by name, prefix or all", run: func(p *probe) {
			url := p.queue("VisibilityTimeout", "0")
			p.send(url, "msg", with("Hello", "String", "There"), with("General", "String", "Kenobi"), with("Help.Me", "String", "Me"))
			for _, c := range []struct{ ask, want []string }{
				{[]string{"All"}, []string{"General", "Hello", "Help.Me"}},
				{[]string{".*"}, []string{"General", "Hello", "Help.Me"}},
				{[]string{"Hel.*"}, []string{"Hello", "Help.Me"}},
				{[]string{"Hello", "Nobody"}, []string{"Hello"}},
				{[]string{"Nobody"}, nil},
			} {
				got := p.receiveOne(url, asking(c.ask...))
				p.equal("names", slices.Sorted(maps.Keys(got.MessageAttributes)), c.want)
			}
		}},
		{name: "the MD5 is that of the attributes given", run: func(p *probe) {
			url := p.queue()
			p.send(url, "msg", with("Hello", "String", "There"), with("General", "String", "Kenobi"), with("Help.Me", "String", "Me"))
			got := p.receiveOne(url, asking("Hel.*"))
			p.equal("MD5, as AWS gave it", *got.MD5OfMessageAttributes, "83fee93c1bcd8b9a5a923ffacdc636c7")
		}},
		{name: "timestamps are milliseconds, and the first receive stays", run: func(p *probe) {
			url := p.queue("VisibilityTimeout", "0")
			p.send(url, "x")
			first := p.receiveOne(url, system("All")).Attributes
			p.pass(10 * time.Millisecond)
			second := p.receiveOne(url, system("All")).Attributes
			sent, err := strconv.ParseInt(first["SentTimestamp"], 10, 64)
			p.ok(err)
			p.between("sent", time.Since(time.UnixMilli(sent)), 0, time.Minute)
			p.equal("first receive", second["ApproximateFirstReceiveTimestamp"], first["ApproximateFirstReceiveTimestamp"])
			p.equal("receive count", second["ApproximateReceiveCount"], "2")
		}},
	}
}

// between wants low <= got <= high. A clock that others turn is not exact.
func (p *probe) between(what string, got, low, high time.Duration) {
	if got < low-50*time.Millisecond || got > high {
		p.failf("%s: got %v, want %v to %v", what, got, low, high)
	}
}
