package sqs_test

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func sendCases() []conformanceCase {
	return []conformanceCase{
		{name: "what is sent is received", run: func(p *probe) {
			url := p.queue()
			sent := p.send(url, "a body \u00e9\t\r\n\U0001F600")
			got := p.receiveOne(url)
			p.equal("id", *got.MessageId, *sent.MessageId)
			p.equal("body", *got.Body, "a body \u00e9\t\r\n\U0001F600")
			p.equal("MD5", *got.MD5OfBody, *sent.MD5OfMessageBody)
		}},
		{name: "a bare name does for a URL", run: func(p *probe) {
			url := p.queue()
			p.send(aws.String(p.prefix+"-q1"), "x")
			p.receiveOne(url)
		}},
		{name: "an empty body is refused", moto: "takes it", run: func(p *probe) {
			_, err := p.trySend(p.queue(), "")
			p.refused(err, "MissingParameter")
		}},
		{name: "a delayed message comes when its delay is over", run: func(p *probe) {
			url := p.queue()
			p.send(url, "x", delay(1))
			p.counts(url, 0, 0, 1)
			p.equal("early", len(p.receive(url)), 0)
			p.pass(1100 * time.Millisecond)
			p.receiveOne(url)
			p.counts(url, 0, 1, 0)
		}},
		{name: "a delay is fifteen minutes at most", run: func(p *probe) {
			url := p.queue()
			p.send(url, "x", delay(900))
			_, err := p.trySend(url, "x", delay(901))
			p.refused(err, "InvalidParameterValue")
		}},
		{name: "message attributes come back as they were, with their MD5", run: func(p *probe) {
			url := p.queue()
			sent := p.send(url, "x", with("Name", "String", "v"), with("Count", "Number", "-1.5e3"), with("Id", "String.uuid", "u"))
			got := p.receiveOne(url, asking("All"))
			p.equal("attributes", got.MessageAttributes, map[string]types.MessageAttributeValue{
				"Name":  {DataType: aws.String("String"), StringValue: aws.String("v")},
				"Count": {DataType: aws.String("Number"), StringValue: aws.String("-1.5e3")},
				"Id":    {DataType: aws.String("String.uuid"), StringValue: aws.String("u")},
			})
			p.equal("MD5", *got.MD5OfMessageAttributes, *sent.MD5OfMessageAttributes)
		}},
		{name: "binary attributes come back as they were", run: func(p *probe) {
			url := p.queue()
			value := []byte("traceparent\x1e00-774062d6c37081a5a0b9b5b88e30627c-2d2482211f6489da-01")
			p.send(url, "test", withBytes("attr1", "Binary", value))
			got := p.receiveOne(url, asking("All"))
			p.equal("value", got.MessageAttributes["attr1"].BinaryValue, value)
			p.equal("MD5, as AWS gave it", *got.MD5OfMessageAttributes, "8cbe4db156db8a94db8b801b7addb984")
		}},
		{name: "the MD5 of attributes is AWS's", run: func(p *probe) {
			sent := p.send(p.queue(), "msg", with("Hello", "String", "There"), with("General", "String", "Kenobi"), with("Help.Me", "String", "Me"))
			p.equal("MD5, as AWS gave it", *sent.MD5OfMessageAttributes, "4c360f3fdafd970e05fae2f149d997f5")
		}},
		{name: "a standard queue takes a group id and returns it", run: func(p *probe) {
			url := p.queue()
			p.send(url, "a", group("g"))
			p.send(url, "b", group("g"))
			got := p.receiveOne(url, system(types.MessageSystemAttributeNameMessageGroupId))
			p.equal("group", got.Attributes["MessageGroupId"], "g")
			p.equal("the group is not blocked", len(p.receive(url)), 1)
		}},
		{name: "a standard queue takes no deduplication id", moto: "takes it", run: func(p *probe) {
			_, err := p.trySend(p.queue(), "x", dedup("d"))
			p.refused(err, "InvalidParameterValue")
		}},
		{name: "the trace header travels with the message", run: func(p *probe) {
			url := p.queue()
			trace := "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1"
			_, err := p.client.SendMessage(p.ctx, &awssqs.SendMessageInput{
				QueueUrl: url, MessageBody: aws.String("x"),
				MessageSystemAttributes: map[string]types.MessageSystemAttributeValue{
					"AWSTraceHeader": {DataType: aws.String("String"), StringValue: &trace},
				},
			})
			p.ok(err)
			p.equal("AWSTraceHeader", p.receiveOne(url, system("All")).Attributes["AWSTraceHeader"], trace)
		}},
	}
}
