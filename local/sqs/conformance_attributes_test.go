package sqs_test

import (
	"strings"

	awssqs "github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

func attributeCases() []conformanceCase {
	return []conformanceCase{
		{name: "a standard queue's attributes by default", run: func(p *probe) {
			p.hasAttributes(p.queue(), attrs(
				"DelaySeconds", "0", "MaximumMessageSize", "1048576", "MessageRetentionPeriod", "345600",
				"ReceiveMessageWaitTimeSeconds", "0", "VisibilityTimeout", "30", "SqsManagedSseEnabled", "true",
				"ApproximateNumberOfMessages", "0", "ApproximateNumberOfMessagesNotVisible", "0", "ApproximateNumberOfMessagesDelayed", "0",
			))
		}},
		{name: "a FIFO queue's attributes by default", run: func(p *probe) {
			p.hasAttributes(p.fifo(), attrs(
				"DelaySeconds", "0", "MaximumMessageSize", "1048576", "MessageRetentionPeriod", "345600",
				"ReceiveMessageWaitTimeSeconds", "0", "VisibilityTimeout", "30", "SqsManagedSseEnabled", "true",
				"FifoQueue", "true", "ContentBasedDeduplication", "false", "DeduplicationScope", "queue", "FifoThroughputLimit", "perQueue",
				"ApproximateNumberOfMessages", "0", "ApproximateNumberOfMessagesNotVisible", "0", "ApproximateNumberOfMessagesDelayed", "0",
			))
		}},
		{name: "a queue's ARN ends in its name", run: func(p *probe) {
			arn := p.get(p.queue(), types.QueueAttributeNameQueueArn)
			p.equal("ARN", strings.HasPrefix(arn, "arn:aws:sqs:us-east-1:") && strings.HasSuffix(arn, ":"+p.prefix+"-q1"), true)
		}},
		{name: "no attribute is given unless asked for", run: func(p *probe) {
			out, err := p.client.GetQueueAttributes(p.ctx, &awssqs.GetQueueAttributesInput{QueueUrl: p.queue()})
			p.ok(err)
			p.equal("attributes", len(out.Attributes), 0)
		}},
		{name: "attributes can be changed", run: func(p *probe) {
			url := p.queue("VisibilityTimeout", "20")
			p.ok(p.set(url, "VisibilityTimeout", "69", "MessageRetentionPeriod", "1209600"))
			p.equal("VisibilityTimeout", p.get(url, types.QueueAttributeNameVisibilityTimeout), "69")
			p.equal("MessageRetentionPeriod", p.get(url, types.QueueAttributeNameMessageRetentionPeriod), "1209600")
		}},
		{name: "an unknown attribute can't be read", run: func(p *probe) {
			_, err := p.client.GetQueueAttributes(p.ctx, &awssqs.GetQueueAttributesInput{
				QueueUrl: p.queue(), AttributeNames: []types.QueueAttributeName{"Nonsense"},
			})
			p.refused(err, "InvalidAttributeName")
		}},
		{name: "an attribute that nobody has set is left out", run: func(p *probe) {
			out, err := p.client.GetQueueAttributes(p.ctx, &awssqs.GetQueueAttributesInput{
				QueueUrl: p.queue(), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNamePolicy, types.QueueAttributeNameKmsMasterKeyId},
			})
			p.ok(err)
			p.equal("attributes", len(out.Attributes), 0)
		}},
		{name: "an unknown attribute can't be set", moto: "stores anything", run: func(p *probe) {
			p.refused(p.set(p.queue(), "Nonsense", "1"), "InvalidAttributeName")
		}},
		{name: "a visibility timeout out of range is refused", moto: "checks the message size only", run: func(p *probe) {
			url := p.queue()
			for _, value := range []string{"43201", "-1", "long"} {
				p.refused(p.set(url, "VisibilityTimeout", value), "InvalidAttributeValue")
			}
		}},
		{name: "content-based deduplication can be switched", run: func(p *probe) {
			url := p.fifo("ContentBasedDeduplication", "true")
			p.ok(p.set(url, "ContentBasedDeduplication", "false"))
			p.equal("ContentBasedDeduplication", p.get(url, types.QueueAttributeNameContentBasedDeduplication), "false")
		}},
		{name: "a redrive allow policy is kept", moto: "forgets it", run: func(p *probe) {
			url := p.queue()
			policy := `{"redrivePermission":"denyAll"}`
			p.ok(p.set(url, "RedriveAllowPolicy", policy))
			p.equal("RedriveAllowPolicy", p.get(url, types.QueueAttributeNameRedriveAllowPolicy), policy)
		}},
	}
}

// hasAttributes wants exactly these, but for the ARN and the two timestamps, which must be there.
func (p *probe) hasAttributes(url *string, want map[string]string) {
	out, err := p.client.GetQueueAttributes(p.ctx, &awssqs.GetQueueAttributesInput{
		QueueUrl: url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	p.ok(err)
	for _, name := range []string{"QueueArn", "CreatedTimestamp", "LastModifiedTimestamp"} {
		p.equal(name+" is there", out.Attributes[name] != "", true)
		delete(out.Attributes, name)
	}
	p.equal("attributes", out.Attributes, want)
}
