package sqs_test

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

const noMoves = "has no message move tasks"

func moveCases() []conformanceCase {
	return []conformanceCase{
		{name: "dead letters move back to the queue they came from, as new messages", moto: noMoves, run: func(p *probe) {
			dead := p.queue()
			url := p.queue("VisibilityTimeout", "0", "RedrivePolicy", p.redrive(dead, 1))
			sent := p.send(url, "x", with("a", "String", "v"))
			p.receiveOne(url)
			p.receive(url)
			task := p.move(dead, nil)
			p.equal("status, moved", [2]any{*task.Status, task.ApproximateNumberOfMessagesMoved}, [2]any{"COMPLETED", int64(1)})
			got := p.receiveOne(url, asking("All"), system("All"))
			p.equal("a new id", *got.MessageId == *sent.MessageId, false)
			p.equal("receive count", got.Attributes["ApproximateReceiveCount"], "1")
			p.equal("attribute", *got.MessageAttributes["a"].StringValue, "v")
		}},
		{name: "a letter that a program sent has nowhere to go", moto: noMoves, run: func(p *probe) {
			dead := p.queue()
			p.queue("RedrivePolicy", p.redrive(dead, 1))
			p.send(dead, "x")
			task := p.move(dead, nil)
			p.equal("status, reason", [2]string{*task.Status, *task.FailureReason}, [2]string{"FAILED", "CouldNotDetermineMessageSource"})
			p.counts(dead, 1, 0, 0)
		}},
		{name: "a letter that a program sent goes where it is told", moto: noMoves, run: func(p *probe) {
			dead := p.fifo()
			url := p.fifo("RedrivePolicy", p.redrive(dead, 1))
			p.sendGroup(dead, "g", "1", "2")
			task := p.move(dead, url)
			p.equal("status", *task.Status, "COMPLETED")
			got := p.receives(url, "1", "2")
			p.equal("group", got[0].Attributes["MessageGroupId"], "g")
			p.counts(dead, 0, 0, 0)
		}},
		{name: "only a dead-letter queue is moved", moto: noMoves, run: func(p *probe) {
			arn := p.get(p.queue(), types.QueueAttributeNameQueueArn)
			_, err := p.client.StartMessageMoveTask(p.ctx, &awssqs.StartMessageMoveTaskInput{SourceArn: &arn})
			p.refused(err, "InvalidParameterValue")
		}},
		{name: "source and destination of a move exist", moto: noMoves, run: func(p *probe) {
			dead := p.queue()
			p.queue("RedrivePolicy", p.redrive(dead, 1))
			arn, nobody := p.get(dead, types.QueueAttributeNameQueueArn), aws.String("arn:aws:sqs:us-east-1:000000000000:nobody")
			_, err := p.client.StartMessageMoveTask(p.ctx, &awssqs.StartMessageMoveTaskInput{SourceArn: nobody})
			p.refused(err, "ResourceNotFoundException")
			_, err = p.client.StartMessageMoveTask(p.ctx, &awssqs.StartMessageMoveTaskInput{SourceArn: &arn, DestinationArn: nobody})
			p.refused(err, "ResourceNotFoundException")
		}},
	}
}

// move redrives a queue, to a destination or (nil) back, and returns the task as AWS lists it.
func (p *probe) move(from, to *string) types.ListMessageMoveTasksResultEntry {
	source := p.get(from, types.QueueAttributeNameQueueArn)
	in := &awssqs.StartMessageMoveTaskInput{SourceArn: &source}
	if to != nil {
		in.DestinationArn = aws.String(p.get(to, types.QueueAttributeNameQueueArn))
	}
	_, err := p.client.StartMessageMoveTask(p.ctx, in)
	p.ok(err)
	out, err := p.client.ListMessageMoveTasks(p.ctx, &awssqs.ListMessageMoveTasksInput{SourceArn: &source})
	p.ok(err)
	p.equal("tasks", len(out.Results), 1)
	return out.Results[0]
}
