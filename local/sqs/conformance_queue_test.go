package sqs_test

import (
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const nonExistent = "AWS.SimpleQueueService.NonExistentQueue"

func queueCases() []conformanceCase {
	return []conformanceCase{
		{name: "a queue's URL ends in account and name", run: func(p *probe) {
			url := p.queue()
			out, err := p.client.GetQueueUrl(p.ctx, &awssqs.GetQueueUrlInput{QueueName: aws.String(p.prefix + "-q1")})
			p.ok(err)
			p.equal("GetQueueUrl", *out.QueueUrl, *url)
			part := strings.Split(*url, "/")
			p.equal("name", part[len(part)-1], p.prefix+"-q1")
		}},
		{name: "an unknown queue is a typed error", run: func(p *probe) {
			_, err := p.client.GetQueueUrl(p.ctx, &awssqs.GetQueueUrlInput{QueueName: aws.String(p.prefix + "-none")})
			var typed *types.QueueDoesNotExist
			p.equal("errors.As QueueDoesNotExist", errors.As(err, &typed), true)
			p.refused(err, nonExistent)
		}},
		{name: "every action refuses an unknown queue", run: func(p *probe) {
			url := aws.String("http://127.0.0.1/000000000000/" + p.prefix + "-none")
			_, err := p.trySend(url, "x")
			p.refused(err, nonExistent)
			_, err = p.tryReceive(url)
			p.refused(err, nonExistent)
			p.refused(p.tryDelete(url, garbage()), nonExistent)
			p.refused(p.tryHold(url, garbage(), 1), nonExistent)
			p.refused(p.set(url, "VisibilityTimeout", "1"), nonExistent)
		}},
		{name: "a queue can be created twice alike", run: func(p *probe) {
			url := p.queue("VisibilityTimeout", "7")
			for _, attributes := range []map[string]string{nil, attrs("VisibilityTimeout", "7")} {
				again, err := p.client.CreateQueue(p.ctx, &awssqs.CreateQueueInput{QueueName: aws.String(p.prefix + "-q1"), Attributes: attributes})
				p.ok(err)
				p.equal("URL", *again.QueueUrl, *url)
			}
		}},
		{name: "a FIFO queue's name ends in .fifo", run: func(p *probe) {
			_, err := p.client.CreateQueue(p.ctx, &awssqs.CreateQueueInput{QueueName: p.name(""), Attributes: attrs("FifoQueue", "true")})
			p.refused(err, "InvalidParameterValue")
		}},
		{name: "a standard queue's name does not end in .fifo", moto: "makes a standard queue of that name", run: func(p *probe) {
			_, err := p.client.CreateQueue(p.ctx, &awssqs.CreateQueueInput{QueueName: p.name(".fifo")})
			p.refused(err, "InvalidParameterValue")
		}},
	}
}
