package sqs_test

import (
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func batchCases() []conformanceCase {
	return []conformanceCase{
		{name: "a batch of ten is sent in order", run: func(p *probe) {
			url := p.fifo()
			var entries []types.SendMessageBatchRequestEntry
			var bodies []string
			for i := range 10 {
				body := strconv.Itoa(i)
				bodies = append(bodies, body)
				entries = append(entries, types.SendMessageBatchRequestEntry{
					Id: aws.String("id-" + body), MessageBody: &body, MessageGroupId: aws.String("g"), MessageDeduplicationId: &body,
				})
			}
			out := p.sendBatch(url, entries...)
			p.equal("sent, failed", [2]int{len(out.Successful), len(out.Failed)}, [2]int{10, 0})
			p.receives(url, bodies...)
		}},
		{name: "one bad entry fails alone", moto: "takes control characters", run: func(p *probe) {
			url := p.queue()
			out := p.sendBatch(url, entry("good", "x"), entry("bad", "\x01"))
			p.equal("sent, failed", [2]int{len(out.Successful), len(out.Failed)}, [2]int{1, 1})
			p.equal("id", *out.Successful[0].Id, "good")
			failed := out.Failed[0]
			p.equal("failure", [3]any{*failed.Id, *failed.Code, failed.SenderFault}, [3]any{"bad", "InvalidMessageContents", true})
			p.receives(url, "x")
		}},
		{name: "an empty batch is refused", run: func(p *probe) {
			url := p.queue()
			_, err := p.trySendBatch(url)
			p.refused(err, "AWS.SimpleQueueService.EmptyBatchRequest")
			_, err = p.tryDeleteBatch(url)
			p.refused(err, "AWS.SimpleQueueService.EmptyBatchRequest")
		}},
		{name: "eleven entries are too many to send", run: func(p *probe) {
			var entries []types.SendMessageBatchRequestEntry
			for i := range 11 {
				entries = append(entries, entry(strconv.Itoa(i), "x"))
			}
			_, err := p.trySendBatch(p.queue(), entries...)
			p.refused(err, "AWS.SimpleQueueService.TooManyEntriesInBatchRequest")
		}},
		{name: "eleven entries are too many to delete or hold", moto: "takes them", run: func(p *probe) {
			url := p.queue()
			var deletions []types.DeleteMessageBatchRequestEntry
			var holds []types.ChangeMessageVisibilityBatchRequestEntry
			for i := range 11 {
				id := aws.String(strconv.Itoa(i))
				deletions = append(deletions, types.DeleteMessageBatchRequestEntry{Id: id, ReceiptHandle: id})
				holds = append(holds, types.ChangeMessageVisibilityBatchRequestEntry{Id: id, ReceiptHandle: id, VisibilityTimeout: 1})
			}
			_, err := p.tryDeleteBatch(url, deletions...)
			p.refused(err, "AWS.SimpleQueueService.TooManyEntriesInBatchRequest")
			_, err = p.client.ChangeMessageVisibilityBatch(p.ctx, &awssqs.ChangeMessageVisibilityBatchInput{QueueUrl: url, Entries: holds})
			p.refused(err, "AWS.SimpleQueueService.TooManyEntriesInBatchRequest")
		}},
		{name: "entry ids are distinct", run: func(p *probe) {
			_, err := p.trySendBatch(p.queue(), entry("a", "x"), entry("a", "y"))
			p.refused(err, "AWS.SimpleQueueService.BatchEntryIdsNotDistinct")
		}},
		{name: "entry ids have their own characters", run: func(p *probe) {
			url := p.queue()
			for _, id := range []string{"", "a:b", "a b", strings.Repeat("x", 81)} {
				_, err := p.trySendBatch(url, entry(id, "x"))
				p.refused(err, "AWS.SimpleQueueService.InvalidBatchEntryId")
			}
		}},
		{name: "a batch of 1 MiB is the longest", run: func(p *probe) {
			url := p.queue()
			half := strings.Repeat("x", limit/2)
			p.equal("sent", len(p.sendBatch(url, entry("a", half), entry("b", half)).Successful), 2)
			_, err := p.trySendBatch(url, entry("a", half), entry("b", half+"x"))
			p.refused(err, "AWS.SimpleQueueService.BatchRequestTooLong")
		}},
		{name: "a FIFO batch needs group and deduplication id in every entry", run: func(p *probe) {
			url := p.fifo()
			good := types.SendMessageBatchRequestEntry{
				Id: aws.String("good"), MessageBody: aws.String("x"), MessageGroupId: aws.String("g"), MessageDeduplicationId: aws.String("d"),
			}
			bad := entry("bad", "x")
			bad.MessageGroupId = aws.String("g")
			_, err := p.trySendBatch(url, good, bad)
			p.refused(err, "InvalidParameterValue")
			p.counts(url, 0, 0, 0)
		}},
		{name: "a FIFO batch without a group is refused", moto: "says MissingParameter", run: func(p *probe) {
			bad := entry("bad", "x")
			bad.MessageDeduplicationId = aws.String("d")
			_, err := p.trySendBatch(p.fifo(), bad)
			p.refused(err, "InvalidParameterValue")
		}},
		{name: "a batch of deletions fails in part", run: func(p *probe) {
			url := p.queue()
			p.send(url, "x")
			out, err := p.tryDeleteBatch(url,
				types.DeleteMessageBatchRequestEntry{Id: aws.String("good"), ReceiptHandle: p.receiveOne(url).ReceiptHandle},
				types.DeleteMessageBatchRequestEntry{Id: aws.String("bad"), ReceiptHandle: aws.String("garbage")})
			p.ok(err)
			p.equal("good, bad", [2]string{*out.Successful[0].Id, *out.Failed[0].Id}, [2]string{"good", "bad"})
			p.equal("code", *out.Failed[0].Code, "ReceiptHandleIsInvalid")
			p.counts(url, 0, 0, 0)
		}},
		{name: "a batch of holds fails in part, and zero is a timeout", run: func(p *probe) {
			url := p.queue()
			p.send(url, "x")
			handle := p.receiveOne(url).ReceiptHandle
			out, err := p.client.ChangeMessageVisibilityBatch(p.ctx, &awssqs.ChangeMessageVisibilityBatchInput{
				QueueUrl: url,
				Entries: []types.ChangeMessageVisibilityBatchRequestEntry{
					{Id: aws.String("good"), ReceiptHandle: handle, VisibilityTimeout: 0},
					{Id: aws.String("bad"), ReceiptHandle: handle, VisibilityTimeout: 43201},
				},
			})
			p.ok(err)
			p.equal("good, bad", [2]string{*out.Successful[0].Id, *out.Failed[0].Id}, [2]string{"good", "bad"})
			p.equal("code", *out.Failed[0].Code, "InvalidParameterValue")
			p.counts(url, 1, 0, 0)
		}},
	}
}

func entry(id, body string) types.SendMessageBatchRequestEntry {
	return types.SendMessageBatchRequestEntry{Id: &id, MessageBody: &body}
}

func (p *probe) trySendBatch(url *string, entries ...types.SendMessageBatchRequestEntry) (*awssqs.SendMessageBatchOutput, error) {
	if entries == nil {
		entries = []types.SendMessageBatchRequestEntry{}
	}
	return p.client.SendMessageBatch(p.ctx, &awssqs.SendMessageBatchInput{QueueUrl: url, Entries: entries})
}

func (p *probe) sendBatch(url *string, entries ...types.SendMessageBatchRequestEntry) *awssqs.SendMessageBatchOutput {
	out, err := p.trySendBatch(url, entries...)
	p.ok(err)
	return out
}

func (p *probe) tryDeleteBatch(url *string, entries ...types.DeleteMessageBatchRequestEntry) (*awssqs.DeleteMessageBatchOutput, error) {
	if entries == nil {
		entries = []types.DeleteMessageBatchRequestEntry{}
	}
	return p.client.DeleteMessageBatch(p.ctx, &awssqs.DeleteMessageBatchInput{QueueUrl: url, Entries: entries})
}
